"""One row and seed trained: resumable at any step, with the same batches as an uncut run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from ..export import write
from ..loop import train_to
from ..lora.export import published_weights
from ..shipped import load_base, load_lora
from ..stage import Stage
from .learner import RowLearner
from .pool import Pool
from .rows import Row
from .tryons import drawn_step


def lora_path(work: Path, row: Row, seed: int) -> Path:
    return work / f"{row.name}-{seed}.safetensors"


def untrained(row: Row, seed: int, demo: Path, device: torch.device) -> RowLearner:
    """Return a row's learner on a demo's weights; a seed's LoRA begins alike in every row."""
    torch.manual_seed(seed)
    learner = RowLearner(row)
    load_base(learner, demo)
    return learner.to(device)


def trained(
    work: Path,
    row: Row,
    seed: int,
    steps: int,
    pool: Pool,
    learner_of: Callable[[Row, int], RowLearner],
) -> RowLearner:
    """Return the learner of a row and seed after `steps`, its weights the moving average's."""
    path = lora_path(work, row, seed)
    if not path.is_file():
        learner, stage = learner_of(row, seed), Stage(work, f"{row.name}-{seed}")
        run(learner, stage, pool, row, seed, steps)
        write(published_weights(learner.transformer), path)
        stage.checkpoint.unlink()
    learner = learner_of(row, seed)
    load_lora(learner, path)
    return learner


def run(learner: RowLearner, stage: Stage, pool: Pool, row: Row, seed: int, steps: int) -> None:
    """Train to `steps` from the last checkpoint; the weights end as the average."""
    train_to(
        learner,
        stage,
        steps,
        lambda first: lambda step: learner.loss(drawn_step(row, pool, seed, step)),
    )
