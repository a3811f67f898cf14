"""What has to be made, piece by piece; each by a process of its own:

python -m training.ablation.pieces WORK DEMO STEPS CHUNKS TRIPLES OTHERS pool 3
python -m training.ablation.pieces WORK DEMO STEPS CHUNKS TRIPLES OTHERS unseen 192x256
python -m training.ablation.pieces WORK DEMO STEPS CHUNKS TRIPLES OTHERS row canvas 1
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from any2any_core.geometry import Size

from ..autoencoder import Autoencoder
from ..device import chosen_device
from ..shipped import weights_of
from .pool import chunk_path, read_pool, write_chunk
from .rows import AGAIN, ROWS, Row
from .score import BOUNDS, numbers_path, write_bounds, write_score
from .train import trained, untrained
from .unseen import NARROWER, SIZES, TRAINED, read_unseen, write_unseen

Piece = tuple[str, ...]
"""A kind and its words: what stands after the plan on a piece's command line."""


@dataclass(frozen=True)
class Plan:
    """What is made on which demo's weights, and where: steps of a run, hundreds of persons to train
    on, unseen try-ons at the trained size and at each other one."""

    work: Path
    demo: Path
    steps: int
    chunks: int
    triples: int
    others: int

    def count(self, trained: bool) -> int:
        return self.triples if trained else self.others


def is_made(plan: Plan, piece: Piece) -> bool:
    """Return whether all that a piece makes is there."""
    kind, *words = piece
    if kind == "pool":
        return chunk_path(plan.work, int(words[0])).is_file()
    if kind == "unseen":
        return all(numbers_path(plan.work, name, 0, SIZES[words[0]]).is_file() for name in BOUNDS)
    name, seed = words
    return all(
        numbers_path(plan.work, row.name, int(seed), size).is_file()
        for row, size in scored(ROWS[name])
    )


def scored(row: Row) -> list[tuple[Row, Size]]:
    """Return what a trained row is sampled as, at which sizes."""
    again = AGAIN.get(row.name)
    narrower = [(again, size) for size in NARROWER] if again else []
    return [*((row, size) for size in SIZES.values()), *narrower]


def make(plan: Plan, kind: str, *words: str) -> None:
    """Make one piece, or what of it is not there."""
    torch.set_num_threads(1)
    autoencoder = Autoencoder()
    autoencoder.load_state_dict(weights_of("autoencoder", plan.demo))
    autoencoder.to(memory_format=torch.channels_last).requires_grad_(False)
    if kind == "pool":
        write_chunk(plan.work, autoencoder, int(words[0]))
    elif kind == "unseen":
        size = SIZES[words[0]]
        write_unseen(plan.work, autoencoder, size, plan.count(size == TRAINED))
        write_bounds(plan.work, autoencoder, read_unseen(plan.work, size), size)
    else:
        row, seed = ROWS[words[0]], int(words[1])
        pool = read_pool(plan.work, plan.chunks)
        device = chosen_device()
        learner_of = partial(untrained, demo=plan.demo, device=device)
        learner = trained(plan.work, row, seed, plan.steps, pool, learner_of)
        autoencoder.to(device)
        for sampled, size in scored(row):
            learner.row = sampled
            write_score(plan.work, learner, seed, autoencoder, read_unseen(plan.work, size), size)


if __name__ == "__main__":
    _, work, demo, *numbers, kind = sys.argv[:8]
    make(Plan(Path(work), Path(demo), *map(int, numbers)), kind, *sys.argv[8:])
