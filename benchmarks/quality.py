"""What every way of saving loses: the demo model's pictures against the fully computed ones.

For every way: the PSNR of its pictures to those of the full run, and by how much their score
changes, with 95 % intervals over unseen dolls; beside it the cost, from the calls that it really
made and the FLOPs of such a call on FLUX.1-dev's shapes. Every batch's numbers are kept: a stopped
run goes on, more triples are added, and the plot is drawn from what is there. Several processes
may share the work.
"""

from __future__ import annotations

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

import numpy as np
from tqdm import tqdm

from devtools.scores import psnr
from training.demo_nodes import BATCH, Nodes
from training.dolls.pictures import Triple, drawn_triple

from .jobs import JOBS, Job
from .kept import Kept, Piece, digest, lora_digest
from .losses import Loss, losses, missed_bars, table
from .report import shown
from .ways import FULL, Calls, Way, ways

SEED = 9_500_000


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=200)
    parser.add_argument("--steps", type=int, nargs="+", default=[30, 20])
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--ways", nargs="+", help="names in the table; the others wait (all)")
    parser.add_argument("--part", default="1/1", help="2/3: only the second third of the batches")
    parser.add_argument("--report", action="store_true", help="only show what there is so far")
    parser.add_argument("--output", type=Path, help="also write the tables here, as markdown")
    parser.add_argument("--plot", type=Path, help="also draw cost against loss here, as PNG")
    options = parser.parse_args(arguments)
    known = {way.name for steps in options.steps for way in ways(steps)}
    if unknown := set(options.ways or []) - known:
        parser.error(f"--ways has {', '.join(unknown)}, but one of {', '.join(known)} was expected")
    part, parts = map(int, options.part.split("/"))
    batches = list(range(0, options.triples, BATCH))[part - 1 :: parts]
    if options.report:
        batches = []
    measuring = Measuring(options.triples)
    for steps in options.steps:
        for name in options.jobs:
            for first in tqdm(batches, desc=f"{name}, {steps} steps"):
                measuring.measure(name, steps, first, chosen(options.ways, steps))
    sections, results = [], {}
    for steps in options.steps:
        for name in options.jobs:
            rows = measuring.losses(name, steps)
            results[name, steps] = rows
            sections.append(f"{name}, {steps} steps\n\n{table(rows, JOBS[name].unit)}\n")
    text = "\n".join(sections)
    shown(text, options.output)
    if options.plot:
        from .plot import drawn

        drawn(results, options.plot)
    missed = missed_bars(results.get(("try-on", 30), []))
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0


def chosen(names: list[str] | None, steps: int) -> list[Way]:
    """Return the ways of those names, all of them where none are given."""
    return [way for way in ways(steps) if names is None or way.name in names]


class Measuring:
    """The demo model, the unseen triples, and what has been measured of them."""

    def __init__(self, triples: int):
        self.nodes = Nodes()
        import_module("comfy.utils").set_progress_bar_enabled(False)
        self.kept = Kept()
        self.count = triples
        self.triples: dict[int, Triple] = {}

    def batch(self, first: int) -> list[Triple]:
        numbers = range(first, min(first + BATCH, self.count))
        for number in numbers:
            self.triples.setdefault(number, drawn_triple(SEED + number))
        return [self.triples[number] for number in numbers]

    def measure(self, name: str, steps: int, first: int, measured: list[Way]) -> None:
        """Measure what is not kept yet of one batch, in these ways and with every seed."""
        job, triples = JOBS[name], self.batch(first)
        for seed in range(job.seeds):
            full = None
            for way in [full_way(steps), *measured]:
                where = place(name, steps, way, seed, first, len(triples))
                if self.kept.piece(*where) is not None:
                    continue
                pictures, calls, seconds = self.made(job, way, triples, seed)
                if way.family is FULL and not way.reuse:
                    self.kept.keep_pictures(pictures, *where)
                if full is None:
                    reference = place(name, steps, full_way(steps), seed, first, len(triples))
                    full = self.kept.pictures(*reference)
                self.kept.keep(
                    Piece(
                        [psnr(*pair) for pair in zip(pictures, full)],
                        [job.score(*pair) for pair in zip(pictures, triples)],
                        *calls,
                        seconds,
                    ),
                    *where,
                )

    def made(
        self, job: Job, way: Way, triples: list[Triple], seed: int
    ) -> tuple[np.ndarray, tuple[int, int], float]:
        """Return a way's pictures [B,h,w,3], its full and reuse calls, and the seconds."""
        nodes = self.nodes
        nodes.steps, nodes.seed = way.steps, seed
        nodes.patched = lambda model: way.patched(nodes, model)
        drawings = {
            role: [getattr(triple, drawing).rgb for triple in triples]
            for role, drawing in job.conditions.items()
        }
        start = time.perf_counter()
        with Calls(nodes.model) as calls:
            pictures = nodes.made(job.lora, [job.prompt(triple) for triple in triples], **drawings)
        return np.stack(pictures), calls.full_and_reuse, time.perf_counter() - start

    def losses(self, name: str, steps: int) -> list[Loss]:
        """Return every way's losses, from all batches that are kept whole."""
        job = JOBS[name]

        def pieces(way: Way) -> dict[tuple[int, int], Piece]:
            return {
                (seed, first): piece
                for first in range(0, self.count, BATCH)
                for seed in range(job.seeds)
                if (
                    piece := self.kept.piece(
                        *place(name, steps, way, seed, first, self.size(first))
                    )
                )
            }

        return losses(
            pieces(full_way(steps)), {way: pieces(way) for way in ways(steps)}, job, steps
        )

    def size(self, first: int) -> int:
        return min(BATCH, self.count - first)


def full_way(steps: int) -> Way:
    return Way("full", FULL, steps)


def place(job: str, steps: int, way: Way, seed: int, first: int, count: int) -> tuple[str, ...]:
    """Return where a piece is kept."""
    run = f"{job} {steps} steps {lora_digest(JOBS[job].lora)}"
    return run, digest(way.settings), f"seed {seed}", f"{first} {count}"


if __name__ == "__main__":
    sys.exit(main())
