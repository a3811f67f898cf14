"""Kept keys and values: how a line through two full steps is followed, and in what buffers."""

from __future__ import annotations

import pytest
import torch

from any2any_core.condition_cache import ConditionCache, Workspace, cache_bytes

LAYER = ("double", 0)


def kept(depth: int, *steps: tuple[float, float]) -> ConditionCache:
    """Return a cache of one layer and 2 tokens after full steps of (sigma, value of K; V is -K)."""
    cache = ConditionCache(2, depth)
    for step, (sigma, value) in enumerate(steps):
        whole = torch.full((1, 1, 5, 4), value)
        cache.keep(LAYER, whole, -whole)
        cache.completed(step, sigma)
    return cache


@pytest.mark.parametrize(
    "depth, steps, sigma, value",
    [
        pytest.param(2, [(1.0, 3.0)], 0.5, 3.0, id="one full step is held"),
        pytest.param(1, [(1.0, 3.0), (0.8, 5.0)], 0.5, 5.0, id="held, if asked to"),
        pytest.param(2, [(1.0, 3.0), (0.8, 5.0)], 0.8, 5.0, id="at the full step"),
        pytest.param(2, [(1.0, 3.0), (0.8, 5.0)], 0.7, 6.0, id="followed"),
        pytest.param(2, [(1.0, 3.0), (0.8, 5.0)], 0.9, 4.0, id="between both"),
        pytest.param(2, [(1.0, 3.0), (0.8, 5.0)], 0.0, 9.0, id="no farther than its reach"),
        pytest.param(2, [(1.0, 3.0), (0.8, 5.0)], 1.5, 3.0, id="not behind the older one"),
        pytest.param(2, [(0.8, 3.0), (0.8, 5.0)], 0.5, 5.0, id="twice at one sigma"),
        pytest.param(2, [(1.0, 0.0), (0.9, 3.0), (0.8, 5.0)], 0.7, 7.0, id="the last two count"),
    ],
)
def test_line(depth, steps, sigma, value):
    cache = kept(depth, *steps)
    k, v = Workspace().joined((torch.zeros(1, 1, 3, 4),) * 2, cache, LAYER, sigma)
    assert k.shape == (1, 1, 5, 4)
    assert torch.equal(k[:, :, :3], torch.zeros(1, 1, 3, 4))
    torch.testing.assert_close(k[:, :, 3:], torch.full((1, 1, 2, 4), value))
    torch.testing.assert_close(v, -k)


@pytest.mark.parametrize("depth", [1, 2])
def test_buffers_are_made_once(depth):
    cache = kept(depth, (1.0, 1.0), (0.9, 2.0), (0.8, 3.0))
    before = {id(part) for pair in cache.layers[LAYER] for part in pair}
    cache.keep(LAYER, torch.ones(1, 1, 5, 4), torch.ones(1, 1, 5, 4))
    after = {id(part) for pair in cache.layers[LAYER] for part in pair}
    assert before == after and len(after) == 2 * depth


@pytest.mark.parametrize("depth", [1, 2])
def test_bytes_are_those_of_the_buffers(depth):
    cache = kept(depth, (1.0, 1.0), (0.9, 2.0))
    workspace = Workspace()
    workspace.joined((torch.zeros(1, 1, 3, 4),) * 2, cache, LAYER, 0.8)
    parts = [part for pair in [*cache.layers[LAYER], workspace.pair] for part in pair]
    assert cache_bytes(1, 2, 3, 4, 1, 4, depth) == sum(part.nbytes for part in parts)
