"""A test set's pictures: found by name, missed by name, and made once."""

from __future__ import annotations

import pytest
from PIL import Image

from any2any_core.pair_files import pair_files, without_result
from any2any_core.pairs import NamedPair

PAIRS = [NamedPair("a.jpg", "x.jpg"), NamedPair("b.jpg", "y.jpg")]


@pytest.fixture
def folders(tmp_path):
    """People, garments and masks of all pairs, each picture of its own colour."""
    named = {"image": ("a.jpg", "b.png"), "cloth": ("x.jpg", "y.jpg"), "mask": ("a_mask.png",)}
    for folder, names in named.items():
        (tmp_path / folder).mkdir()
        for name in names:
            Image.new("RGB", (16, 24), "white").save(tmp_path / folder / name)
    Image.new("L", (16, 24), 255).save(tmp_path / "mask" / "b.png")
    return [tmp_path / folder for folder in named]


def test_pictures_are_found_by_their_names(folders):
    people, garments, masks = folders
    files = pair_files(PAIRS, people, garments, masks)
    assert [one.name for one in files] == ["a", "b"]
    assert [one.person.source for one in files] == [people / "a.jpg", people / "b.png"]
    assert [one.garment.source for one in files] == [garments / "x.jpg", garments / "y.jpg"]
    assert [one.mask.source for one in files] == [masks / "a_mask.png", masks / "b.png"]
    assert [one.mask for one in pair_files(PAIRS, people, garments)] == [None, None]


@pytest.mark.parametrize("gone", ["image/b.png", "cloth/x.jpg", "mask/a_mask.png"])
def test_what_is_missing_is_named(folders, gone):
    (folders[0].parent / gone).unlink()
    with pytest.raises(ValueError, match=r"pictures that are not there .* expected") as error:
        pair_files(PAIRS, *folders)
    assert gone.partition(".")[0] in str(error.value)


def test_a_pair_with_a_result_is_done(tmp_path):
    assert without_result(PAIRS, tmp_path / "results") == PAIRS
    (tmp_path / "a.png").touch()
    (tmp_path / "b.jpg").touch()
    assert without_result(PAIRS, tmp_path) == PAIRS[1:]
