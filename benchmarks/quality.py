"""What condition reuse loses: try-ons of the demo model against the fully computed ones.

For every way of saving: the PSNR of its pictures to those of the full run, and by how much the
PSNR to the true picture changes, with 95 % intervals over unseen try-ons; beside it the cost that
benchmarks.flops counts on FLUX.1-dev's shapes at 768x1024 with one garment.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from devtools.scores import psnr
from training.demo_nodes import Nodes, Pictures
from training.dolls import drawn_triple

from .report import markdown

SEED = 9_500_000
FULL_STEP, REUSE_STEP = 0.989, 0.368
"""Costs of a full and a reuse step over a plain one: benchmarks.flops, 768x1024, one garment."""


@dataclass(frozen=True)
class Way:
    """A way of saving: how many steps, of which so many full, and what it does to the MODEL."""

    name: str
    steps: int
    full: int | None
    patch: Callable | None = None

    def cost(self, steps: int) -> float:
        """Return the run's cost over `steps` plain ones."""
        if self.full is None:
            return self.steps / steps
        return (self.full * FULL_STEP + (self.steps - self.full) * REUSE_STEP) / steps


def ways(nodes: Nodes, steps: int) -> list[Way]:
    """Return the modes, other refreshes, fewer steps, and both together."""

    def reuse(**settings):
        return lambda model: nodes.run("Any2AnyConditionReuse", model=model, **settings)[0]

    def every(count: int, of: int = steps) -> Way:
        patch = reuse(mode="custom", warm_up=1, refresh_every=count)
        name = f"refresh every {count}" + (f", {of} steps" if of != steps else "")
        return Way(name, of, -(-of // count), patch)

    return [
        Way("exact", steps, steps, reuse(mode="exact")),
        Way("balanced (every 4th full)", steps, -(-steps // 4), reuse(mode="balanced")),
        Way("fast (every 10th full)", steps, -(-steps // 10), reuse(mode="fast")),
        every(2),
        every(6),
        Way(
            "4 warm-up, then none",
            steps,
            4,
            reuse(mode="custom", warm_up=4, refresh_every=0),
        ),
        every(4, steps // 2),
        *(Way(f"{count} steps", count, None) for count in (steps // 2, steps // 3, steps // 4)),
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--output", type=Path, help="also write the table here, as markdown")
    options = parser.parse_args(arguments)
    nodes = Nodes()
    triples = [drawn_triple(SEED + i) for i in range(options.triples)]
    persons, garments, truths = (
        [getattr(triple, name).rgb for triple in triples] for name in ("source", "flat", "target")
    )

    def made(way: Way) -> tuple[Pictures, float]:
        nodes.steps, nodes.patched = way.steps, way.patch or (lambda model: model)
        start = time.perf_counter()
        return nodes.dressed(persons, garments), time.perf_counter() - start

    full, seconds = made(Way("full", options.steps, None))
    score = np.array([psnr(*pair) for pair in zip(full, truths)])
    rows = [["", "cost", "dB to the full picture", "change of the score, dB", "seconds"]]
    rows.append(["full", "1.000", "", f"{score.mean():.2f} to the truth", f"{seconds:.0f}"])
    for way in ways(nodes, options.steps):
        pictures, seconds = made(way)
        to_full = np.array([psnr(*pair) for pair in zip(pictures, full)])
        change = np.array([psnr(*pair) for pair in zip(pictures, truths)]) - score
        rows.append(
            [
                way.name,
                f"{way.cost(options.steps):.3f}",
                interval(to_full[np.isfinite(to_full)]),
                interval(change),
                f"{seconds:.0f}",
            ]
        )
        print(" | ".join(rows[-1]), flush=True)
    text = f"{options.triples} try-ons, {options.steps} steps, euler\n\n{markdown(rows)}\n"
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    return 0


def interval(values: np.ndarray) -> str:
    """Return `41.20 (40.90 to 41.50)`: the mean with its 95 % interval."""
    if not len(values):
        return "the same"
    half = 1.96 * values.std(ddof=1) / len(values) ** 0.5
    return f"{values.mean():.2f} ({values.mean() - half:.2f} to {values.mean() + half:.2f})"


if __name__ == "__main__":
    sys.exit(main())
