"""The mask of what changed: dolls in another top, whose true change is known."""

import pytest
import torch

from any2any_core.change import change_mask
from training.dolls.pictures import drawn_triple

DOLLS = range(16)
NOISE, SHIFT = 0.02, 0.01


def image(rgb) -> torch.Tensor:
    return torch.from_numpy(rgb)[None].float() / 255


def generated(truth: torch.Tensor, seed: int) -> torch.Tensor:
    """Return the truth as a model makes it: noisy, and all of it a little lighter."""
    noise = torch.randn(truth.shape, generator=torch.Generator().manual_seed(seed))
    return (truth + NOISE * noise + SHIFT).clamp(0, 1)


def doll(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a doll's photo, the doll in another top as generated, and where the tops differ."""
    triple = drawn_triple(seed)
    original, truth = image(triple.source.rgb), image(triple.target.rgb)
    return original, generated(truth, seed), (original != truth).any(-1)


def test_it_covers_what_changed_and_little_else():
    original, result, changed = (torch.cat(parts) for parts in zip(*map(doll, DOLLS)))
    mask = change_mask(result, original) >= 0.5
    assert mask[changed].float().mean() >= 0.97
    assert mask[~changed].float().mean() <= 0.05
    for number in DOLLS:  # none is missed for the others' sake
        assert mask[number][changed[number]].float().mean() >= 0.95
        assert mask[number][~changed[number]].float().mean() <= 0.06


@pytest.mark.parametrize("seed", range(4))
def test_the_same_doll_with_noise_has_not_changed(seed):
    original, _, _ = doll(seed)
    assert change_mask(original, original).max() == 0
    assert change_mask(generated(original, seed), original).max() == 0


def test_more_sensitivity_finds_more():
    original, result, _ = doll(11)  # two tops of nearly one colour
    found = [change_mask(result, original, step / 4).mean().item() for step in range(5)]
    assert found == sorted(found)
    assert found[4] > 2 * found[0] > 0


def test_the_margin_lies_outside_of_what_changed():
    original, result, _ = doll(0)
    narrow = change_mask(result, original)
    wide = change_mask(result, original, margin=6)
    reach = torch.nn.functional.max_pool2d(narrow[:, None], 13, stride=1, padding=6)[:, 0]
    assert torch.equal((wide > 0), (reach > 0))


def test_a_photos_fine_detail_that_an_enlarged_result_lacks_is_no_change():
    original = torch.full((1, 1600, 1200, 3), 0.5)
    original[:, 1000:, :600:4] = 0.9  # a curtain: lines of two pixels
    original[:, 1000:, 1:600:4] = 0.9
    result = torch.nn.functional.avg_pool2d(original.movedim(-1, 1), 4)
    result = result.movedim(1, -1).repeat_interleave(4, 1).repeat_interleave(4, 2)
    result[:, 300:700, 200:600] = torch.tensor([0.5, 0.2, 0.2])
    mask = change_mask(result, original)
    assert mask.shape == (1, 1600, 1200)
    assert mask[:, 310:690, 210:590].min() == 1
    assert mask[:, 760:].max() == 0


def speck(image: torch.Tensor, top: int, left: int, side: int, value: float) -> None:
    image[:, top : top + side, left : left + side] = value


@pytest.mark.parametrize(
    ("side", "found"), [pytest.param(2, False, id="speck"), pytest.param(24, True, id="patch")]
)
def test_specks_go(side, found):
    original = torch.full((1, 512, 512, 3), 0.5)
    result = original.clone()
    speck(result, 100, 200, side, 0.9)
    assert (change_mask(result, original).max() == 1) == found


@pytest.mark.parametrize(
    ("hole", "closed"), [pytest.param(8, True, id="button"), pytest.param(60, False, id="arm gap")]
)
def test_small_holes_close(hole, closed):
    original = torch.full((1, 512, 512, 3), 0.5)
    result = original.clone()
    speck(result, 100, 100, 200, 0.9)
    speck(result, 190, 190, hole, 0.5)
    middle = 190 + hole // 2
    assert (change_mask(result, original)[0, middle, middle] == 1) == closed


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (2000, 3)], ids=str)
def test_the_smallest_pictures_have_a_mask(size):
    original = torch.zeros(1, *size, 3)
    assert change_mask(original, original, margin=512).shape == (1, *size)
    assert change_mask(1 - original, original, margin=512).min() == 1
