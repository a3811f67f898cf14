"""The figures of benchmarks.quality, from pieces written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.jobs import JOBS
from benchmarks.kept import Kept, Piece
from benchmarks.losses import losses, missed_bars, table
from benchmarks.ways import FOLLOWED, Way, ways

TRY_ON = JOBS["try-on"]
BALANCED = Way("balanced", FOLLOWED, 30, {"mode": "balanced"})


def piece(to_full: list[float], score: list[float], full: int = 8, reuse: int = 22) -> Piece:
    return Piece(to_full, score, full, reuse, 1.0)


FULL = piece([np.inf, np.inf], [20.0, 22.0], full=30, reuse=0)


def test_seeds_of_a_triple_are_one_value():
    full = {(0, 0): FULL, (1, 0): FULL}
    mine = {(0, 0): piece([50.0, 60.0], [20.1, 22.0]), (1, 0): piece([52.0, 64.0], [20.3, 22.0])}
    _, row = losses(full, {BALANCED: mine}, TRY_ON, 30)
    np.testing.assert_allclose(row.to_full, [51.0, 62.0])
    np.testing.assert_allclose(row.change, [0.2, 0.0])
    assert row.cost == pytest.approx((8 * 0.989 + 22 * 0.368) / 30)
    assert row.seconds == 2.0


def test_only_batches_of_both_sides_count():
    full = {(0, 0): FULL, (0, 2): FULL}
    _, row = losses(full, {BALANCED: {(0, 0): piece([50.0, 60.0], [20.0, 22.0])}}, TRY_ON, 30)
    assert len(row.change) == 2


@pytest.mark.parametrize(
    "to_full, score, sentences",
    [
        pytest.param([50.0, 50.0], [20.0, 22.0], [], id="met"),
        pytest.param([30.0, 40.0], [20.0, 22.0], ["35.00 dB is under 40 dB"], id="far"),
        pytest.param([50.0, 50.0], [20.0, 22.2], ["by 0.30, over 0.1"], id="wide interval"),
    ],
)
def test_bars(to_full, score, sentences):
    rows = losses({(0, 0): FULL}, {BALANCED: {(0, 0): piece(to_full, score)}}, TRY_ON, 30)
    missed = missed_bars(rows)
    assert len(missed) == len(sentences)
    assert all(part in sentence for part, sentence in zip(sentences, missed))
    assert "| balanced |" in table(rows, TRY_ON.unit)


def test_pieces_are_found_again(tmp_path):
    kept = Kept(tmp_path)
    assert kept.piece("a", "b") is None
    kept.keep(FULL, "a", "b")
    assert kept.piece("a", "b") == FULL
    kept.keep_pictures(np.ones((1, 2, 2, 3), np.uint8), "a", "b")
    assert kept.pictures("a", "b").shape == (1, 2, 2, 3)
    assert not list(tmp_path.rglob("*.part"))


def test_ways_have_names_and_places_of_their_own():
    every = ways(30)
    assert len({way.name for way in every}) == len({way.settings for way in every}) == len(every)
