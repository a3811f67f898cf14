"""What each way loses, from the kept pieces: numbers, table and bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from devtools.tables import markdown

from .jobs import Job
from .kept import Piece
from .ways import FULL, Way

Pieces = dict[tuple[int, int], Piece]
"""By seed and first triple."""

BARS = {"balanced": (40.0, 0.1), "fast": (31.0, 0.3)}
"""At 30 steps: dB to the full picture at least; the score's change, its interval for `balanced`
and its mean for `fast`, at most so far from zero."""


@dataclass(frozen=True, eq=False)
class Loss:
    """A way's cost over the full run's, and by triple, mean over the seeds: dB to the full
    picture and the change of the score."""

    way: Way
    cost: float
    to_full: np.ndarray
    change: np.ndarray
    score: float
    seconds: float


def losses(full: Pieces, others: dict[Way, Pieces], job: Job, steps: int) -> list[Loss]:
    """Return the full run's row and the others' from what is kept of both."""
    rows = []
    for way, pieces in {Way("full", FULL, steps): full, **others}.items():
        common = [key for key in full if key in pieces]
        if not common:
            continue
        of_full, own = ([one[key] for key in common] for one in (full, pieces))
        score = by_triple(common, [piece.score for piece in own])
        rows.append(
            Loss(
                way,
                float(np.mean([cost(piece, way, job) for piece in own])) / steps,
                by_triple(common, [piece.to_full for piece in own]),
                score - by_triple(common, [piece.score for piece in of_full]),
                float(score.mean()),
                float(np.sum([piece.seconds for piece in own])),
            )
        )
    return rows


def by_triple(keys: list[tuple[int, int]], values: list[list[float]]) -> np.ndarray:
    """Return the mean over the seeds of each triple's values."""
    found: dict[int, list[float]] = {}
    for (_, first), batch in zip(keys, values):
        for i, value in enumerate(batch):
            found.setdefault(first + i, []).append(value)
    return np.array([np.mean(found[triple]) for triple in sorted(found)])


def cost(piece: Piece, way: Way, job: Job) -> float:
    """Return a run's cost over one plain step's."""
    return piece.full * (job.full if way.reuse else 1.0) + piece.reuse * job.reuse


def table(rows: list[Loss], unit: str) -> str:
    """Return the rows as markdown."""
    head = ["", "cost", "dB to the full picture", "change of the score", "seconds", "triples"]
    cells = [head]
    for row in rows:
        is_full = row.way.family is FULL and not row.way.reuse
        cells.append(
            [
                row.way.name,
                f"{row.cost:.3f}",
                "" if is_full else interval(row.to_full[np.isfinite(row.to_full)]),
                f"{row.score:.2f} {unit}" if is_full else interval(row.change),
                f"{row.seconds:.0f}",
                str(len(row.change)),
            ]
        )
    return markdown(cells)


def missed_bars(rows: list[Loss]) -> list[str]:
    """Return a sentence for each bar that a mode misses."""
    missed = []
    for row in rows:
        if row.way.name not in BARS:
            continue
        decibels, change = BARS[row.way.name]
        if row.to_full.mean() < decibels:
            missed.append(f"{row.way.name}: {row.to_full.mean():.2f} dB is under {decibels:g} dB")
        farthest = abs(row.change.mean())
        if row.way.name == "balanced":
            farthest += half_interval(row.change)
        if farthest > change:
            missed.append(f"{row.way.name}: the score changes by {farthest:.2f}, over {change:g}")
    return missed


def interval(values: np.ndarray) -> str:
    """Return `41.20 (40.90 to 41.50)`: the mean with its 95 % interval."""
    if not len(values):
        return "the same"
    half = half_interval(values)
    return f"{values.mean():.2f} ({values.mean() - half:.2f} to {values.mean() + half:.2f})"


def half_interval(values: np.ndarray) -> float:
    return float(1.96 * values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else 0.0
