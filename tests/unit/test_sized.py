"""Try-ons at other sizes than the dolls' own: their frames, their tokens and their batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from any2any_core.geometry import Size
from any2any_core.positions import Grid
from training import sized
from training.autoencoder import Autoencoder
from training.batches import GRID
from training.dolls.frames import reframed
from training.shipped import weights_of
from training.sized import SECOND_PASS, SIZES, Sized, SizedBatches, drawn_sized, whole_tokens


@pytest.mark.parametrize(
    "size, left, right",
    [
        pytest.param(Size(4, 2), 10, 30, id="as it is"),
        pytest.param(Size(8, 2), 10, 30, id="more wall on both sides"),
        pytest.param(Size(2, 2), 20, 20, id="the middle"),
    ],
)
def test_other_shapes_have_the_person_in_the_middle(size, left, right):
    row = np.array([[10, 20, 20, 30]], np.uint8)
    picture = np.repeat(np.repeat(row, 2, 0)[..., None], 3, -1)
    got = reframed(picture, size)
    assert got.shape == (size.height, size.width, 3)
    assert (got[0, 0, 0], got[0, -1, 0]) == (left, right)


@pytest.fixture(scope="module")
def pools():
    """One try-on of every size, drawn and encoded as the stage does."""
    autoencoder = Autoencoder()
    autoencoder.load_state_dict(weights_of("autoencoder"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sized, "CHUNK", 1)
        return {size: Sized(**drawn_sized(autoencoder, 0, size)) for size in SIZES}


GRIDS = {
    Size(192, 192): [Grid(12, 12), Grid(12, 12), Grid(12, 9)],
    Size(256, 192): [Grid(12, 16), Grid(12, 16), Grid(12, 9)],
    Size(112, 192): [Grid(12, 7), Grid(12, 7), Grid(12, 9)],
    Size(192, 256): [Grid(16, 12), Grid(16, 12), Grid(16, 12)],
    SECOND_PASS: [Grid(18, 14), Grid(12, 9), Grid(12, 9)],
}
"""Target, person and garment: the node's own geometry; a second pass keeps its conditions."""


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_panels_are_what_the_nodes_make_of_that_size(pools, size):
    pool = pools[size]
    assert pool.grids == GRIDS[size]
    assert pool.clothes.shape == (1, GRIDS[size][0].tokens)
    assert 0.03 < pool.clothes.float().mean() < 0.3


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_batch_has_that_sizes_ids_and_about_as_many_tokens(pools, size):
    batch = SizedBatches([pools[size]], 0).tryons(8)
    target, person, garment = GRIDS[size]
    count, tokens, _ = batch.clean.shape
    assert tokens == target.tokens + person.tokens + garment.tokens == len(batch.ids)
    assert batch.noised == target.tokens == batch.weight.shape[1]
    assert abs(count * tokens - 8 * 3 * GRID.tokens) <= tokens / 2
    on_target = batch.ids[target.tokens : target.tokens + person.tokens]
    assert on_target[:, 0].unique().tolist() == [1]
    assert on_target[:, 2].max() <= target.token_w - 0.5
    assert batch.ids[-garment.tokens :, 2].min() >= target.token_w - 0.5


def test_every_size_has_its_turn(pools):
    batches = SizedBatches(list(pools.values()), 0)
    drawn = {len(batches.tryons(2).ids) for _ in range(40)}
    assert drawn == {sum(grid.tokens for grid in grids) for grids in GRIDS.values()}


def test_no_two_files_hold_the_same_doll(monkeypatch):
    seeds = []
    monkeypatch.setattr(sized, "drawn_triple", seeds.append)
    for size in SIZES:
        for number in range(3):
            with pytest.raises(AttributeError):
                drawn_sized(None, number, size)
    assert len(set(seeds)) == len(seeds) == len(SIZES) * 3 * sized.CHUNK


@pytest.mark.parametrize("sides", [(36, 27), (24, 18), (5, 5)])
def test_odd_sides_are_made_even_as_comfyui_does(sides):
    latents = torch.randn(1, 16, *sides)
    got = whole_tokens(latents)
    height, width = sides
    assert got.shape[-2:] == (height + height % 2, width + width % 2)
    wrapped = latents[..., [*range(height), 0][: height + height % 2], :]
    wrapped = wrapped[..., [*range(width), 0][: width + width % 2]]
    assert torch.equal(got, wrapped)
