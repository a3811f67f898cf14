"""PNG files: level for level, whole or not there."""

import numpy as np
import pytest
import torch
from PIL import Image

from any2any_core.png import is_whole_png, read_png, write_png

CLOSING = 12
"""Bytes of the closing chunk, which holds nothing of the picture."""


@pytest.fixture
def picture() -> torch.Tensor:
    levels = torch.arange(256).reshape(16, 16, 1).expand(-1, -1, 3)
    return levels.float() / 255


@pytest.fixture
def path(tmp_path, picture):
    write_png(picture, tmp_path / "look.png")
    return tmp_path / "look.png"


def test_every_level_comes_back(path, picture):
    assert torch.equal(read_png(path), picture[None])
    assert is_whole_png(path)


def test_levels_are_cut_as_saveimage_does(tmp_path):
    write_png(torch.tensor([[[0.999, 1.2, -0.1]]]), tmp_path / "look.png")
    np.testing.assert_array_equal(Image.open(tmp_path / "look.png"), [[[254, 255, 0]]])


def test_every_shorter_file_is_damaged(path):
    whole = path.read_bytes()
    for length in range(len(whole) - CLOSING):
        path.write_bytes(whole[:length])
        assert not is_whole_png(path), length


def test_every_flipped_byte_is_damage(path):
    whole = path.read_bytes()
    for place in range(len(whole) - CLOSING):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        assert not is_whole_png(path), place


def test_no_file_is_no_picture(tmp_path):
    assert not is_whole_png(tmp_path / "look.png")
    assert not is_whole_png(tmp_path)


def test_a_write_that_fails_leaves_what_was_there(path, picture):
    before = path.read_bytes()
    with pytest.raises(AttributeError):
        write_png(picture, path, metadata="not a PngInfo")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["look.png"]
