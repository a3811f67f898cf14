"""Cost against loss, a line for every family of ways."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")  # no window: this runs anywhere

from matplotlib import pyplot as plt

from .losses import Loss
from .ways import BOTH, FEWER, FOLLOWED, HELD, SKIPPED

STYLES = {
    FOLLOWED: ("#1f5fbf", "o-"),
    HELD: ("#8db8e8", "o-"),
    FEWER: ("#555555", "s-"),
    SKIPPED: ("#d98a1f", "^-"),
}
BOTH_STYLE = ("#2a9d63", "DPX")
"""Each way that joins two has a mark of its own: they lie too near to be named beside."""


def drawn(results: dict[tuple[str, int], list[Loss]], path: Path) -> None:
    """Write a PNG: a panel for each job and number of steps."""
    jobs = list(dict.fromkeys(job for job, _ in results))
    steps = list(dict.fromkeys(count for _, count in results))
    figure, axes = plt.subplots(
        len(steps),
        len(jobs),
        figsize=(5.2 * len(jobs), 4.2 * len(steps) + 0.8),
        squeeze=False,
        layout="constrained",
    )
    for (job, count), rows in results.items():
        axis = axes[steps.index(count)][jobs.index(job)]
        for family in STYLES:
            line(axis, [row for row in rows if row.way.family is family], family)
        marks(axis, [row for row in rows if row.way.family is BOTH], count)
        axis.set_title(f"{job}, {count} steps", loc="left", fontsize=11)
        axis.grid(color="#e6e6e6", linewidth=0.8)
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_xlim(0, 0.9)
        axis.set_xlabel("cost, of the full run's FLOPs")
        axis.set_ylabel("dB to the full picture")
    figure.legend(
        *axes[0][0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=2 * len(jobs),
        fontsize=9,
        frameon=False,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    figure.savefig(temporary, dpi=150, format="png")
    temporary.replace(path)
    plt.close(figure)


def line(axis, rows: list[Loss], family: str) -> None:
    colour, style = STYLES[family]
    rows = sorted(rows, key=lambda row: row.cost)
    costs, decibels = ([row.cost for row in rows], [mean(row.to_full) for row in rows])
    axis.plot(costs, decibels, style, color=colour, markersize=5, linewidth=1.8, label=family)
    for row, x, y in zip(rows, costs, decibels):
        if family is FOLLOWED:
            axis.annotate(
                row.way.name, (x, y), xytext=(6, -10), textcoords="offset points", fontsize=8
            )


def marks(axis, rows: list[Loss], steps: int) -> None:
    colour, shapes = BOTH_STYLE
    for row, shape in zip(rows, shapes):
        name = row.way.name.replace(f"{round(steps / 2)} steps", "half the steps")
        axis.plot(row.cost, mean(row.to_full), shape, color=colour, markersize=6, label=name)


def mean(values: np.ndarray) -> float:
    return float(values[np.isfinite(values)].mean())
