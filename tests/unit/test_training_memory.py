"""What training needs is computed right: against a count by hand, and against the whole stack."""

from __future__ import annotations

from dataclasses import replace

import pytest
from torch.utils.flop_counter import FlopCounterMode

from any2any_core.geometry import Size
from benchmarks.training import (
    PANELS,
    WAYS,
    as_on_a_card,
    forward_and_backward,
    meta_transformer,
    need,
)

SHAPE = {"heads": 2, "axes": (8, 28, 28), "double": 3, "single": 5}
SIZE = Size(64, 96)


@pytest.mark.parametrize("way", WAYS)
def test_flops_are_those_of_the_whole_stack(way):
    transformer = meta_transformer(WAYS[way], SHAPE)
    with as_on_a_card(), FlopCounterMode(display=False) as counter:
        forward_and_backward(transformer, PANELS * SIZE.tokens)
    assert need(WAYS[way], SIZE, SHAPE).flops == counter.get_total_flops()


def test_each_way_saves_what_it_is_for():
    plain, checkpointed, narrow = (need(WAYS[way], SIZE, SHAPE) for way in WAYS)
    assert checkpointed.activations < 0.5 * plain.activations
    assert checkpointed.flops > 1.2 * plain.flops
    assert narrow.weights < 0.7 * checkpointed.weights
    assert checkpointed.trained < plain.trained


def test_trained_weights_are_counted_by_hand():
    """Rank 4 on 8 modules a double and 4 a single block, hidden 128; 20 bytes each."""
    settings = replace(WAYS["bf16"], rank=4)
    square, last = 4 * (128 + 128), 4 * (5 * 128 + 128)
    weights = 3 * 8 * square + 5 * (3 * square + last)
    assert need(settings, SIZE, SHAPE).trained == pytest.approx(weights * 20 / 1e9)
