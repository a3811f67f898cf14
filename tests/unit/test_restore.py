"""The way back: without padding, at the photo's own size, and pasted where it may show."""

import pytest
import torch

from any2any_core.geometry import Size
from any2any_core.panels import Conditions, prepare_panels
from any2any_core.restore import feathered_mask, pasted_if_asked, restored_picture


def photo(width: int, height: int, batch: int = 1, seed: int = 0) -> torch.Tensor:
    levels = torch.randint(
        0, 256, (batch, height, width, 3), generator=torch.Generator().manual_seed(seed)
    )
    return levels.float() / 255


def packed(person: torch.Tensor, target: Size) -> Conditions:
    panels = prepare_panels(target, person, [photo(32, 32)])
    return Conditions(target, panels, ())


@pytest.mark.parametrize("scale", [1, 2, 3], ids=["as-made", "upscaled-2x", "upscaled-3x"])
@pytest.mark.parametrize(
    "size", [(96, 64), (64, 96), (320, 96), (80, 80)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def test_padding_goes_and_the_photos_size_returns(size, scale):
    target = Size(96, 128)
    conditions = packed(torch.zeros(1, size[1], size[0], 3), target)
    made = conditions.panels[0].picture
    upscaled = made.repeat_interleave(scale, 1).repeat_interleave(scale, 2)
    restored = restored_picture(upscaled, conditions, "original")
    assert restored.shape == (1, size[1], size[0], 3)
    assert restored.max() == 0, "white padding came along"


def test_outside_the_mask_every_pixel_is_the_originals():
    original, result = photo(40, 30, seed=1), photo(40, 30, seed=2)
    mask = torch.zeros(1, 30, 40)
    mask[:, 5:25, 10:30] = 1
    out, _ = pasted_if_asked(result, original, mask, "original", feather=4)
    outside = mask[0] == 0
    assert torch.equal(out[0][outside], original[0][outside])
    assert torch.equal(out[0, 12:18, 16:24], result[0, 12:18, 16:24])


def test_the_feather_runs_inwards_from_zero_to_one():
    mask = torch.zeros(1, 32, 64)
    mask[:, :, 20:] = 1
    row = feathered_mask(mask, Size(64, 32), 8)[0, 16]
    assert row[:20].max() == 0
    assert row[28:].min() == 1, "the picture's own border must not fade"
    assert (row[20:28].diff() > 0).all()


def test_a_mask_of_another_size_is_resized():
    assert feathered_mask(torch.ones(1, 7, 9), Size(40, 30), 0).shape == (1, 30, 40)


@pytest.mark.parametrize(("original", "mask"), [(True, False), (False, True)], ids=str)
def test_half_a_paste_is_refused(original, mask):
    with pytest.raises(ValueError, match=r"Only (original|mask) is connected"):
        pasted_if_asked(
            photo(8, 8),
            photo(8, 8) if original else None,
            torch.ones(1, 8, 8) if mask else None,
            "original",
            8,
        )


def redressed(width: int, height: int, batch: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Return photos, and what came of them: other clothes in the middle, a little else all over."""
    original = 0.2 + 0.6 * photo(6, 6, batch).movedim(-1, 1)
    original = torch.nn.functional.interpolate(original, (height, width), mode="bilinear")
    original = original.movedim(1, -1)
    result = original + 0.01 * torch.randn(
        original.shape, generator=torch.Generator().manual_seed(1)
    )
    result[:, height // 4 : height // 2, width // 4 : width // 2] = torch.tensor([0.9, 0.1, 0.2])
    return original, result


def with_change_alone(picture, original, size="original", feather=8):
    return pasted_if_asked(picture, original, None, size, feather, mask_from_change=True)


@pytest.mark.parametrize("feather", [0, 4, 16])
def test_with_the_mask_from_change_the_background_is_the_originals(feather):
    original, result = redressed(160, 200)
    out, mask = with_change_alone(result, original, feather=feather)
    background = torch.ones(200, 160, dtype=torch.bool)
    reach = feather + 6
    background[50 - reach : 100 + reach, 40 - reach : 80 + reach] = False
    assert torch.equal(out[0][background], original[0][background])
    assert mask[0][background].max() == 0
    assert torch.equal(out[0, 52:98, 42:78], result[0, 52:98, 42:78]), "the fade ate the clothes"
    assert torch.equal(out[mask == 0], original[mask == 0])
    assert torch.equal(out, torch.lerp(original, result, mask[..., None]))


def test_a_connected_mask_goes_before_the_change():
    original, result = redressed(160, 200)
    mask = torch.zeros(1, 200, 160)
    mask[:, 150:] = 1
    out, used = pasted_if_asked(result, original, mask, "original", 0, mask_from_change=True)
    assert torch.equal(used, mask)
    assert torch.equal(out[:, 150:], result[:, 150:])
    assert torch.equal(out[:, :150], original[:, :150])


@pytest.mark.parametrize(
    ("size", "expected"), [("original", (400, 320)), ("generated", (200, 160))], ids=str
)
def test_the_mask_from_change_has_the_pastes_size(size, expected):
    original, result = redressed(160, 200)
    large = original.repeat_interleave(2, 1).repeat_interleave(2, 2)
    out, mask = with_change_alone(result, large, size)
    assert out.shape == (1, *expected, 3)
    assert mask.shape == (1, *expected)
    assert 0 < mask.mean() < 0.3


@pytest.mark.parametrize(("results", "originals"), [(3, 3), (3, 1), (1, 3)], ids=str)
def test_the_mask_from_change_is_each_pictures_own(results, originals):
    original, result = redressed(80, 100, batch=3)
    original, result = original[:originals], result[:results]
    out, mask = with_change_alone(result, original, feather=2)
    assert len(out) == len(mask) == 3
    for number in range(3):
        alone = result[number % results][None], original[number % originals][None]
        own_out, own_mask = with_change_alone(*alone, feather=2)
        torch.testing.assert_close(out[number], own_out[0])
        torch.testing.assert_close(mask[number], own_mask[0])


def test_batches_that_do_not_pair_up_are_refused():
    original, result = redressed(80, 100, batch=3)
    with pytest.raises(ValueError, match=r"2 pictures meet 3, but equal numbers or 1"):
        with_change_alone(result[:2], original)


def test_where_nothing_is_pasted_the_mask_is_all_one():
    result = photo(30, 20, batch=2)
    out, mask = pasted_if_asked(result, None, None, "original", 8)
    assert torch.equal(out, result)
    assert torch.equal(mask, torch.ones(2, 20, 30))


def test_the_mask_from_change_needs_an_original():
    with pytest.raises(ValueError, match=r"no original to see a change against: connect"):
        with_change_alone(photo(8, 8), None)


def test_a_mask_alone_is_refused_with_the_mask_from_change_too():
    with pytest.raises(ValueError, match=r"Only mask is connected.*connect original too"):
        pasted_if_asked(photo(8, 8), None, torch.ones(1, 8, 8), "original", 8, True)
