"""Ids: the paper's tables written out by hand, and what must hold on every grid."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from any2any_core.layout import Layout
from any2any_core.positions import Grid, image_ids

TOKENS = st.integers(1, 40)


def ids_of(rows: int, columns: list[float], index: int, ys: list[float] | None = None):
    return [[index, y, x] for y in (ys or range(rows)) for x in columns]


@pytest.mark.parametrize(
    ("layout", "target", "conditions", "expected"),
    [
        pytest.param(
            Layout("any2any", ("person", "garment")),
            Grid(2, 3),
            [Grid(2, 3), Grid(2, 2)],
            ids_of(2, [0, 1, 2], 0) + ids_of(2, [0, 1, 2], 1) + ids_of(2, [3, 4], 2),
            id="try-on",
        ),
        pytest.param(
            Layout("any2any", ("person",)),
            Grid(1, 2),
            [Grid(1, 3)],
            ids_of(1, [0, 1], 0) + ids_of(1, [2, 3, 4], 1),
            id="try-off",
        ),
        pytest.param(
            Layout("any2any", ("garment",)),
            Grid(1, 3),
            [Grid(1, 2)],
            ids_of(1, [0, 1, 2], 0) + ids_of(1, [3, 4], 1),
            id="model-free",
        ),
        pytest.param(
            Layout("any2any", ("person", "garment", "garment")),
            Grid(1, 2),
            [Grid(1, 2), Grid(1, 3), Grid(1, 1)],
            ids_of(1, [0, 1], 0)
            + ids_of(1, [0, 1], 1)
            + ids_of(1, [2, 3, 4], 2)
            + ids_of(1, [5], 2),
            id="two-garments-share-an-index-and-run-on",
        ),
        pytest.param(
            Layout("isolated", ("person", "garment")),
            Grid(2, 3),
            [Grid(2, 3), Grid(2, 2)],
            ids_of(2, [0, 1, 2], 0) + ids_of(2, [0, 1, 2], 1) + ids_of(2, [3, 4], 2),
            id="isolated",
        ),
        pytest.param(
            Layout("canvas", ("person", "garment")),
            Grid(2, 2),
            [Grid(2, 2), Grid(2, 1)],
            ids_of(2, [0, 1], 0) + ids_of(2, [2, 3], 0) + ids_of(2, [4], 0),
            id="canvas",
        ),
    ],
)
def test_ids_of_a_packed_grid(layout, target, conditions, expected):
    ids, single_ids = image_ids(layout, target, conditions)
    assert ids.tolist() == [list(map(float, row)) for row in expected]
    assert single_ids is None


def test_vitonhd_has_adaptive_ids_in_double_and_target_last_in_single_blocks():
    layout = Layout("vitonhd", ("person", "garment"))
    ids, single_ids = image_ids(layout, Grid(1, 2), [Grid(1, 2), Grid(1, 3)])
    assert ids[:, 0].tolist() == [0, 0, 1, 1, 2, 2, 2]
    assert ids[:, 2].tolist() == [0, 1, 0, 1, 2, 3, 4]
    assert single_ids[:, 0].tolist() == [0] * 7
    assert single_ids[:, 2].tolist() == [5, 6, 0, 1, 2, 3, 4]


def test_after_an_upscale_the_person_stretches_and_the_garment_starts_at_the_new_width():
    layout = Layout("any2any", ("person", "garment"))
    ids, _ = image_ids(layout, Grid(3, 3), [Grid(2, 2), Grid(2, 2)])
    person, garment = ids[9:13], ids[13:]
    assert person[:, 2].tolist() == [0.25, 1.75, 0.25, 1.75]
    assert person[:, 1].tolist() == [0.25, 0.25, 1.75, 1.75]
    assert garment[:, 2].tolist() == [3.25, 4.75, 3.25, 4.75]
    assert garment[:, 1].tolist() == [0.25, 0.25, 1.75, 1.75]


@given(TOKENS, TOKENS, st.lists(TOKENS, min_size=1, max_size=3), st.booleans())
def test_packed_ids_are_whole_and_no_two_tokens_share_one(token_h, token_w, widths, person):
    roles = (("person",) if person else ()) + ("garment",) * len(widths)
    conditions = [Grid(token_h, token_w)] * person + [Grid(token_h, width) for width in widths]
    ids, _ = image_ids(Layout("any2any", roles), Grid(token_h, token_w), conditions)
    assert torch.equal(ids, ids.round())
    assert len(torch.unique(ids, dim=0)) == len(ids)


@given(TOKENS, TOKENS, TOKENS, TOKENS)
def test_a_stretched_person_covers_the_target_and_keeps_its_centre(packed_h, packed_w, h, w):
    layout = Layout("any2any", ("person", "garment"))
    ids, _ = image_ids(layout, Grid(h, w), [Grid(packed_h, packed_w), Grid(packed_h, 1)])
    person = ids[h * w : h * w + packed_h * packed_w]
    assert person[:, 1].mean().item() == pytest.approx((h - 1) / 2, abs=1e-3)
    assert person[:, 2].mean().item() == pytest.approx((w - 1) / 2, abs=1e-3)
    assert person[:, 1:].min() >= -0.5
    assert person[:, 2].max() <= w - 0.5


def test_panels_that_do_not_fit_the_layout_are_refused():
    with pytest.raises(ValueError, match=r"carries 1 condition latents.*names 2 panels"):
        image_ids(Layout("any2any", ("person", "garment")), Grid(2, 2), [Grid(2, 2)])
