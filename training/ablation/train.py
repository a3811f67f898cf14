"""One row and seed trained: resumable at any step, with the same batches as an uncut run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from ..export import write
from ..learner import Optimizers
from ..lora.export import published_weights
from ..shipped import load_base, load_lora
from ..stage import Average, Stage, trainable
from ..train_transformer import ADAM_RATE, COOLING, MUON_RATE, WARMUP
from .learner import RowLearner
from .pool import Pool
from .rows import Row
from .tryons import drawn_step

LOG_EVERY = 100


def lora_path(work: Path, row: Row, seed: int) -> Path:
    return work / f"{row.name}-{seed}.safetensors"


def untrained(row: Row, seed: int, demo: Path) -> RowLearner:
    """Return a row's learner on a demo's weights; a seed's LoRA begins alike in every row."""
    torch.manual_seed(seed)
    learner = RowLearner(row)
    load_base(learner, demo)
    return learner


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
    optimizers, average, first = Optimizers(learner, MUON_RATE, ADAM_RATE), Average(learner), 0
    if state := stage.resumed():
        learner.load_state_dict(state["weights"], strict=False)
        optimizers.load(state["optimizers"])
        average.weights, average.steps, first = state["average"], state["step"], state["step"]
    losses: list[float] = []
    for step in range(first + 1, steps + 1):
        loss = learner.loss(drawn_step(row, pool, seed, step))
        loss.backward()
        optimizers.step(rate_share(step, steps))
        average.update(learner)
        losses.append(loss.item())
        if step % LOG_EVERY == 0 or step == steps:
            stage.record(step=step, loss=sum(losses) / len(losses))
            losses.clear()
        if stage.due() or step == steps:
            stage.save(
                {
                    "weights": trainable(learner),
                    "average": average.weights,
                    "optimizers": optimizers.state(),
                    "step": step,
                }
            )
    learner.load_state_dict(average.weights, strict=False)


def rate_share(step: int, steps: int) -> float:
    """Return the share of the rates at a step: up at first, down to nothing over the last ones."""
    return min(1.0, step / WARMUP, (steps + 1 - step) / (COOLING * steps))
