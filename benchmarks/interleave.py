"""Sides measured in turn, two of them A B B A A B B A ... A, and compared only with neighbours.

What else the computer does changes slowly: neighbours share it, so their ratio does not show it.
The order within a pair alternates, so that a drift cancels out.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from tqdm import tqdm

A, B = "A", "B"


@dataclass(frozen=True)
class Runs:
    """Each run's side and seconds, in the order they were made."""

    runs: tuple[tuple[str, float], ...]

    def seconds(self, side: str) -> float:
        """Return a side's median."""
        return statistics.median(seconds for name, seconds in self.runs if name == side)

    def ratios(self) -> list[float]:
        """Return B / A of every neighbouring pair."""
        pairs = [dict(pair) for pair in pairwise(self.runs)]
        return [pair[B] / pair[A] for pair in pairs if len(pair) == 2]

    def noise(self) -> list[float]:
        """Return A / A of every neighbouring pair: what two equal sides would show."""
        return [
            later / earlier
            for (before, earlier), (after, later) in pairwise(self.runs)
            if before == after == A
        ]


def interleaved(a: Callable[[], float], b: Callable[[], float], rounds: int, what: str) -> Runs:
    """Return the runs of both sides; each call makes one and returns its seconds."""
    sides = {A: a, B: b}
    order = f"{A}{B}{B}{A}" * rounds + A
    return Runs(tuple((side, sides[side]()) for side in tqdm(order, desc=what, disable=None)))


def in_turn(
    sides: dict[str, Callable[[], float]], rounds: int, what: str
) -> dict[str, list[float]]:
    """Return each side's seconds, one run a round: A B C, C B A, A B C, ..."""
    order = [name for i in range(rounds) for name in (sides if i % 2 == 0 else reversed(sides))]
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for name in tqdm(order, desc=what, disable=None):
        seconds[name].append(sides[name]())
    return seconds


def median_and_spread(ratios: list[float]) -> str:
    """Return `1.004 (0.991 to 1.012)`: the median, and the middle half of the ratios."""
    if len(ratios) == 1:
        return f"{ratios[0]:.3f}"
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return f"{median:.3f} ({low:.3f} to {high:.3f})"
