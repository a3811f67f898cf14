"""The base on pictures and sheets, the try-on LoRA on the frozen base, and the one for all jobs."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import torch

from .batches import Batch, Batches
from .learner import Learner, Optimizers
from .pool import Pool
from .stage import Average, Stage, trainable

SEED = 3
WARMUP = 100
COOLING = 0.2
"""The share of the steps, the last ones, over which the rates fall to 0."""
MUON_RATE, ADAM_RATE = 1e-3, 6e-4
Draw = Callable[[Batches, int], Batch]
COMPILING_PAYS = 500
"""The steps from which on the minute that compiling takes is won back."""
HELD_OUT = 0.02
"""The share of persons that no step sees; their loss goes to the log."""


def base_batch(batches: Batches, step: int) -> Batch:
    """Return a base step's batch: two sheets to one of single pictures, as many tokens each."""
    return batches.singles(24) if step % 3 == 0 else batches.sheets(8)


def tryon_batch(batches: Batches, step: int) -> Batch:
    return batches.tryons(8)


def any_job_batch(batches: Batches, step: int) -> Batch:
    """Return one job's batch: the three take turns, as many tokens each."""
    draws = (batches.model_frees, batches.reconstructions, batches.tryons)
    return draws[step % 3](8 if step % 3 == 2 else 12)


def joint_batch(batches: Batches, step: int) -> Batch:
    """Return a try-on's batch five times in eight, one of other jobs twice, and a base's once."""
    match step % 8:
        case 0:
            return batches.singles(20)
        case 3 | 6:
            return any_job_batch(batches, step % 8 // 3 - 1)
        case _:
            return tryon_batch(batches, step)


def split(pool: Pool) -> tuple[Pool, Pool]:
    """Return the pool's persons to train on and those held out."""
    count = max(1, int(len(pool.worn) * HELD_OUT))
    parts = []
    for rows in (slice(count, None), slice(count)):
        persons = {
            name: getattr(pool, name)[rows] for name in ("worn", "tops", "clothes", "worn_words")
        }
        parts.append(Pool(flat=pool.flat, flat_words=pool.flat_words, **persons))
    return parts[0], parts[1]


def held_out_loss(learner: Learner, average: Average, pool: Pool, draw: Draw) -> float:
    """Return the average weights' loss on held-out persons, the same noise every time."""
    current = {name: p.detach().clone() for name, p in learner.named_parameters()}
    learner.load_state_dict(average.weights, strict=False)
    batches, generator = Batches(pool, 0), torch.Generator().manual_seed(0)
    with torch.no_grad():
        losses = [learner.loss(draw(batches, step), generator).item() for step in range(6)]
    learner.load_state_dict(current, strict=False)
    return sum(losses) / len(losses)


def train(
    learner: Learner,
    stage: Stage,
    pool: Pool | None,
    draw: Draw,
    steps: int,
    judged: Draw | None = None,
) -> None:
    """Train what of the learner is trainable to `steps`; its weights end as the average.

    Args:
        judged: what the held-out loss looks at; as a rule what is trained.
    """
    optimizers, average, first = Optimizers(learner, MUON_RATE, ADAM_RATE), Average(learner), 0
    if state := stage.resumed():
        learner.load_state_dict(state["weights"], strict=False)
        optimizers.load(state["optimizers"])
        average.weights, average.steps, first = state["average"], state["step"], state["step"]
    if first < steps:
        numbers = range(first + 1, steps + 1)
        run(learner, stage, pool, draw, judged or draw, optimizers, average, numbers)
    learner.load_state_dict(average.weights, strict=False)


def run(
    learner: Learner,
    stage: Stage,
    pool: Pool,
    draw: Draw,
    judged: Draw,
    optimizers: Optimizers,
    average: Average,
    steps: range,
) -> None:
    """Take the steps of these numbers, with a log and checkpoints."""
    if len(steps) >= COMPILING_PAYS and shutil.which("c++"):
        learner.compile()
    seen, held_out = split(pool)
    batches = Batches(seen, SEED + steps.start)
    generator = torch.Generator().manual_seed(SEED + steps.start)
    losses: list[float] = []
    for step in steps:
        loss = learner.loss(draw(batches, step), generator)
        loss.backward()
        optimizers.step(min(1.0, step / WARMUP, (steps.stop - step) / (COOLING * steps.stop)))
        average.update(learner)
        losses.append(loss.item())
        if step % 100 == 0:
            stage.record(step=step, loss=sum(losses) / len(losses))
            losses.clear()
        if stage.due() or step == steps[-1]:
            stage.save(
                {
                    "weights": trainable(learner),
                    "average": average.weights,
                    "optimizers": optimizers.state(),
                    "step": step,
                }
            )
        if step % 500 == 0:
            stage.record(step=step, held_out=held_out_loss(learner, average, held_out, judged))


def train_base(work: Path, pool: Pool | None, steps: int) -> Learner:
    """Return the learner with the base trained."""
    torch.manual_seed(SEED)
    learner = Learner()
    train(learner, Stage(work, "base"), pool, base_batch, steps)
    return learner


def train_joint(work: Path, learner: Learner, pool: Pool | None, steps: int) -> Learner:
    """Return the learner with base and LoRA trained together on all jobs, the base alone between.

    A LoRA cannot change what the published files leave alone: norms, embeddings, the double
    blocks' MLPs. On a base that has never seen a clean token beside a noisy one it copies
    coarsely.
    """
    torch.manual_seed(SEED + 1)
    learner.add_lora()
    train(learner, Stage(work, "joint"), pool, joint_batch, steps, judged=tryon_batch)
    learner.train_lora_alone()
    return learner


def train_lora(work: Path, learner: Learner, pool: Pool | None, steps: int) -> Learner:
    """Return a second learner, whose LoRA has gone on with the try-on alone, the base frozen."""
    return branch(learner, Stage(work, "lora"), pool, tryon_batch, steps)


def train_all_jobs(work: Path, learner: Learner, pool: Pool | None, steps: int) -> Learner:
    """Return a second learner, whose LoRA has gone on with all jobs, the base frozen."""
    return branch(learner, Stage(work, "alltasks"), pool, any_job_batch, steps)


def branch(learner: Learner, stage: Stage, pool: Pool | None, draw: Draw, steps: int) -> Learner:
    learner = copy.deepcopy(learner)
    train(learner, stage, pool, draw, steps)
    return learner
