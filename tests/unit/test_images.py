"""Pictures: prepared like the published scripts do."""

import numpy as np
import pytest
import torch
from PIL import Image

from any2any_core.geometry import Margins, Size
from any2any_core.images import checked_image, padded_person, strip_picture
from any2any_core.panels import pair_batches, prepare_panels


def photo(width: int, height: int, batch: int = 1, seed: int = 0) -> torch.Tensor:
    levels = torch.randint(
        0, 256, (batch, height, width, 3), generator=torch.Generator().manual_seed(seed)
    )
    return levels.float() / 255


def as_pil(image: torch.Tensor) -> Image.Image:
    return Image.fromarray((image[0].numpy() * 255).round().astype(np.uint8))


def as_array(image: torch.Tensor) -> np.ndarray:
    return (image[0].numpy() * 255).round().astype(np.uint8)


def test_a_person_is_pillows_resize_centred_on_white():
    panel, margins = padded_person(photo(100, 50), Size(64, 96))
    expected = np.full((96, 64, 3), 255, np.uint8)
    expected[32:64] = np.array(as_pil(photo(100, 50)).resize((64, 32)))
    assert margins == Margins(0, 32, 0, 32)
    np.testing.assert_array_equal(as_array(panel), expected)


def test_a_garment_is_pillows_resize_cropped_in_the_middle():
    panel = strip_picture(photo(100, 90), Size(64, 96), "garment")
    whole = as_pil(photo(100, 90)).resize((106, 96))
    np.testing.assert_array_equal(as_array(panel), np.array(whole.crop((5, 0, 101, 96))))


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        pytest.param([0.5], [0.5, 0.5, 0.5], id="gray"),
        pytest.param([0.2, 0.4, 0.6], [0.2, 0.4, 0.6], id="rgb"),
        pytest.param([0.2, 0.4, 0.6, 0.0], [1, 1, 1], id="transparent-is-white"),
        pytest.param([0.2, 0.4, 0.6, 0.5], [0.6, 0.7, 0.8], id="half-transparent"),
        pytest.param([-1.0, 2.0, 0.5], [0, 1, 0.5], id="clamped"),
    ],
)
def test_every_kind_of_picture_becomes_rgb(channels, expected):
    image = checked_image(torch.tensor(channels).expand(1, 4, 4, -1), "person")
    torch.testing.assert_close(image[0, 0, 0], torch.tensor(expected).float())


@pytest.mark.parametrize(
    ("image", "message"),
    [
        pytest.param(torch.full((1, 4, 4, 3), torch.nan), "NaN or infinite", id="nan"),
        pytest.param(torch.zeros(1, 4, 4, 2), r"\(1, 4, 4, 2\).*1, 3 or 4", id="two-channels"),
        pytest.param(torch.zeros(4, 4, 3), r"\(4, 4, 3\)", id="no-batch"),
        pytest.param(torch.zeros(1, 0, 4, 3), "no pixel", id="empty"),
    ],
)
def test_broken_pictures_are_refused(image, message):
    with pytest.raises(ValueError, match=message):
        checked_image(image, "person")


def test_batches_pair_up_and_one_repeats():
    sizes = [len(image) for image in pair_batches([photo(8, 8, 3), photo(8, 8)], ["a", "b"])]
    assert sizes == [3, 3]


def test_batches_of_two_and_three_are_refused_by_name():
    with pytest.raises(ValueError, match=r"person has 2 pictures and garment has 3"):
        prepare_panels(Size(32, 32), photo(32, 32, 2), [photo(32, 32, 3)])


def test_nothing_connected_is_refused():
    with pytest.raises(ValueError, match=r"Neither a person nor a garment"):
        prepare_panels(Size(32, 32), None, [])
