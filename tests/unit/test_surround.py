"""A garment's empty surround: what is dropped, and that nothing else moves."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from any2any_core.geometry import Frame, Size
from any2any_core.layout import LAYOUTS, Layout
from any2any_core.panels import Conditions, Panel
from any2any_core.positions import Grid, image_ids
from any2any_core.surround import without_surround


def panel(role: str, boxes: list[tuple[int, int, int, int]], ground: float = 1.0) -> Panel:
    """Return a panel of 8x6 tokens, one picture a box (left, top, right, bottom) in pixels."""
    pictures = torch.full((len(boxes), 128, 96, 3), ground)
    for picture, (left, top, right, bottom) in zip(pictures, boxes):
        picture[top:bottom, left:right] = 0.5
    return Panel(role, pictures, Size(96, 128))


def conditions(*panels: Panel) -> Conditions:
    rows = torch.arange(16).view(16, 1).expand(16, 12) + torch.arange(12) / 100
    latents = tuple(rows.expand(len(one.picture), 16, -1, -1) for one in panels)
    return Conditions(Size(96, 128), panels, latents)


@pytest.mark.parametrize(
    ("boxes", "frame", "kept"),
    [
        pytest.param([(32, 48, 64, 80)], Frame(8, 6, 2, 1), (4, 4), id="in the middle"),
        pytest.param([(32, 48, 33, 49)], Frame(8, 6, 2, 1), (3, 3), id="one pixel"),
        pytest.param([(0, 0, 20, 20)], Frame(8, 6, 0, 0), (3, 3), id="in a corner"),
        pytest.param([(0, 0, 96, 128)], None, (8, 6), id="a plain picture"),
        pytest.param([(10, 10, 90, 120)], None, (8, 6), id="nearly all of it"),
        pytest.param(
            [(32, 48, 64, 80), (64, 48, 80, 100)], Frame(8, 6, 2, 1), (6, 5), id="a batch"
        ),
    ],
)
def test_the_latent_is_cut_to_the_content(boxes, frame, kept):
    whole = conditions(panel("garment", boxes))
    cut = without_surround(whole)
    assert cut.frames == (frame,)
    height, width = kept
    assert cut.latents[0].shape[-2:] == (2 * height, 2 * width)
    top, left = (2 * frame.y, 2 * frame.x) if frame else (0, 0)
    part = whole.latents[0][..., top : top + 2 * height, left : left + 2 * width]
    assert torch.equal(cut.latents[0], part)


def test_a_gray_ground_and_a_person():
    cut = without_surround(
        conditions(
            panel("person", [(32, 48, 64, 80)]), panel("garment", [(32, 48, 64, 80)], ground=0.8)
        )
    )
    assert cut.frames == (None, Frame(8, 6, 2, 1))


@given(
    layout=st.sampled_from(LAYOUTS),
    target=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    whole=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    data=st.data(),
)
def test_kept_tokens_keep_their_ids(layout, target, whole, data):
    """Two garments beside a person, the first one trimmed: all other ids are what they were."""
    y, x = (data.draw(st.integers(0, side - 1)) for side in whole)
    height = data.draw(st.integers(1, whole[0] - y))
    width = data.draw(st.integers(1, whole[1] - x))
    roles = ("person", "garment", "garment")
    grids = [Grid(*target), Grid(*whole), Grid(3, 5)]
    uncut = image_ids(Layout(layout, roles), Grid(*target), grids)
    cut = image_ids(
        Layout(layout, roles, frames=(None, Frame(*whole, y, x), None)),
        Grid(*target),
        [grids[0], Grid(height, width), grids[2]],
    )
    mask = torch.zeros(whole, dtype=torch.bool)
    mask[y : y + height, x : x + width] = True
    targets = torch.ones(2 * grids[0].tokens, dtype=torch.bool)
    kept = torch.cat([targets, mask.flatten(), torch.ones(15, dtype=torch.bool)])
    for before, after in zip(uncut, cut):
        assert (before is None) == (after is None)
        assert before is None or torch.equal(before[kept], after)
