"""Cut-outs: on white, cropped to what is seen."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from any2any_core.cutout import on_white

BLUE = torch.tensor([0.0, 0.0, 1.0])


def cut_out(width: int, height: int, box: tuple[int, int, int, int]):
    """Return a blue picture, and a mask that hides all but the box (left, top, right, bottom)."""
    left, top, right, bottom = box
    mask = torch.ones(1, height, width)
    mask[:, top:bottom, left:right] = 0
    return BLUE.expand(1, height, width, 3), mask


def expected(width: int, height: int, box: tuple[int, int, int, int]) -> torch.Tensor:
    """Return a blue box on white."""
    left, top, right, bottom = box
    image = torch.ones(1, height, width, 3)
    image[:, top:bottom, left:right] = BLUE
    return image


def test_what_is_transparent_becomes_white():
    box = (10, 20, 30, 50)
    image, mask = cut_out(40, 60, box)
    assert torch.equal(on_white(image, mask, crop=False), expected(40, 60, box))


def test_half_transparent_is_half_white():
    image = BLUE.expand(1, 4, 4, 3)
    result = on_white(image, torch.full((1, 4, 4), 0.25), crop=False)
    torch.testing.assert_close(result[0, 0, 0], torch.tensor([0.25, 0.25, 1.0]))


@pytest.mark.parametrize(
    ("box", "margin", "size", "inside"),
    [
        pytest.param((10, 20, 30, 60), 0.0, (20, 40), (0, 0, 20, 40), id="the box alone"),
        pytest.param((10, 20, 30, 60), 0.1, (28, 48), (4, 4, 24, 44), id="with a margin"),
        pytest.param((0, 20, 30, 60), 0.1, (38, 48), (4, 4, 34, 44), id="beyond the left edge"),
        pytest.param((50, 60, 80, 100), 0.5, (70, 80), (20, 20, 50, 60), id="beyond a corner"),
        pytest.param((0, 0, 1, 100), 0.05, (11, 110), (5, 5, 6, 105), id="one column"),
        pytest.param((7, 9, 8, 10), 0.5, (1, 1), (0, 0, 1, 1), id="one pixel"),
    ],
)
def test_the_crop_is_what_is_seen_and_a_white_margin(box, margin, size, inside):
    result = on_white(*cut_out(80, 100, box), margin=margin)
    assert torch.equal(result, expected(*size, inside))


@given(st.integers(1, 40), st.integers(1, 40), st.data(), st.floats(0, 0.5, allow_nan=False))
def test_every_seen_pixel_survives_the_crop(width, height, data, margin):
    seen = data.draw(
        st.sets(st.tuples(st.integers(0, width - 1), st.integers(0, height - 1)), min_size=1)
    )
    mask = torch.ones(1, height, width)
    for x, y in seen:
        mask[0, y, x] = 0
    result = on_white(BLUE.expand(1, height, width, 3), mask, margin=margin)
    assert (result == BLUE).all(-1).sum() == len(seen)
    if len(seen) < width * height:  # a mask of zeros leaves the picture as it is
        xs, ys = zip(*seen)
        box = max(xs) - min(xs) + 1, max(ys) - min(ys) + 1
        wide = 2 * round(margin * max(box))
        assert result.shape == (1, box[1] + wide, box[0] + wide, 3)


def test_dust_is_no_part_of_the_box():
    image, mask = cut_out(80, 100, (10, 20, 30, 60))
    mask[0, 99, 79] = 0.96
    assert on_white(image, mask, margin=0).shape == (1, 40, 20, 3)


def test_a_mask_of_another_size_is_stretched():
    image, _ = cut_out(80, 100, (0, 0, 1, 1))
    mask = torch.ones(1, 50, 40)
    mask[:, 10:30, 5:15] = 0
    result = on_white(image, mask, crop=False)
    assert result.shape == (1, 100, 80, 3)
    assert torch.equal(result[0, 22:58, 12:28], BLUE.expand(36, 16, 3))
    assert result[0, :18].min() == 1 and result[0, :, 32:].min() == 1


@pytest.mark.parametrize("crop", [True, False], ids=["crop", "whole"])
def test_a_mask_of_zeros_leaves_the_picture_as_it_is(crop):
    """LoadImage gives one of 64x64 for an opaque photo."""
    image = torch.rand(1, 90, 70, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(on_white(image, torch.zeros(1, 64, 64), crop, 0.2), image)


def test_a_batch_has_one_box_around_all():
    image, first = cut_out(80, 100, (10, 20, 30, 60))
    _, second = cut_out(80, 100, (20, 40, 50, 70))
    result = on_white(image.expand(2, -1, -1, -1), torch.cat([first, second]), margin=0)
    assert torch.equal(result[:1], expected(40, 50, (0, 0, 20, 40)))
    assert torch.equal(result[1:], expected(40, 50, (10, 20, 40, 50)))


@pytest.mark.parametrize(("images", "masks"), [(3, 1), (1, 3), (3, 3)])
def test_batches_pair_up_and_one_repeats(images, masks):
    image, mask = cut_out(80, 100, (10, 20, 30, 60))
    for whole in (mask, torch.zeros_like(mask)):
        result = on_white(image.expand(images, -1, -1, -1), whole.expand(masks, -1, -1))
        assert len(result) == 3


def test_a_transparent_picture_is_laid_on_white_first():
    image = torch.cat([BLUE, torch.zeros(1)]).expand(1, 8, 8, 4)
    assert on_white(image, torch.zeros(1, 8, 8)).min() == 1


IMAGE = torch.full((2, 8, 8, 3), 0.5)


@pytest.mark.parametrize(
    ("image", "mask", "message"),
    [
        pytest.param(IMAGE[:1], torch.ones(1, 8, 8), r"hides all of picture 1", id="all hidden"),
        pytest.param(
            IMAGE,
            torch.stack([torch.eye(8), torch.ones(8, 8)]),
            r"hides all of picture 2.*InvertMask",
            id="one hidden",
        ),
        pytest.param(
            IMAGE, torch.zeros(3, 8, 8), r"2 pictures meet 3 masks", id="numbers that differ"
        ),
        pytest.param(IMAGE, IMAGE, r"mask has shape \(2, 8, 8, 3\)", id="an image as mask"),
        pytest.param(
            IMAGE, torch.full((1, 8, 8), torch.nan), r"NaN.*connect a MASK", id="nan in the mask"
        ),
        pytest.param(IMAGE[:0], torch.ones(1, 8, 8), r"cut-out.*no pixel", id="no picture"),
    ],
)
def test_bad_input_is_refused(image, mask, message):
    with pytest.raises(ValueError, match=message):
        on_white(image, mask)
