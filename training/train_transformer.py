"""The base on pictures and sheets, the try-on LoRA on the frozen base, and the one for all jobs."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import torch

from .learner import Learner
from .loop import Loss, train_to
from .shipped import FILES, load_base, load_lora
from .stage import Average, Stage
from .turns import (
    CYCLE,
    Draw,
    Draws,
    Pools,
    any_job_batch,
    base_batch,
    joint_batch,
    tryon_batch,
)

SEED = 3
JUDGED_EVERY = 500
HELD_OUT = 0.02
"""The share of persons that no step sees; their loss goes to the log."""
ISOLATED_RANK = 40
"""With it the demo's files stay below 40 MB in all."""


@dataclass(frozen=True)
class Terms:
    """How the stages train.

    device: where; times: how often a CPU's batch is in one; demo: the folder of the weights to
    begin with, None to begin with nothing.
    """

    device: torch.device
    times: int = 1
    demo: Path | None = None


def held_out_loss(learner: Learner, average: Average, pools: Pools, draw: Draw) -> float:
    """Return the average weights' loss on held-out persons, the same noise every time."""
    current = {name: p.detach().clone() for name, p in learner.named_parameters()}
    learner.load_state_dict(average.weights, strict=False)
    draws, generator = Draws(pools, 0), torch.Generator().manual_seed(0)
    with torch.no_grad():
        losses = [learner.loss(draw(draws, step), generator).item() for step in range(CYCLE)]
    learner.load_state_dict(current, strict=False)
    return sum(losses) / len(losses)


def train(
    learner: Learner,
    stage: Stage,
    pools: Pools | None,
    draw: Draw,
    steps: int,
    terms: Terms,
    judged: Draw | None = None,
) -> None:
    """Train what of the learner is trainable to `steps`; its weights end as the average.

    Args:
        judged: what the held-out loss looks at; as a rule what is trained.
    """

    def begun(first: int) -> Loss:
        draws = Draws(pools.split(HELD_OUT)[0], SEED + first, terms.times)
        generator = torch.Generator().manual_seed(SEED + first)
        return lambda step: learner.loss(draw(draws, step), generator)

    def look(step: int, average: Average) -> None:
        if step % JUDGED_EVERY == 0:
            held_out = pools.split(HELD_OUT)[1]
            loss = held_out_loss(learner, average, held_out, judged or draw)
            stage.record(step=step, held_out=loss)

    train_to(learner, stage, steps, begun, look)


def train_base(work: Path, pools: Pools | None, steps: int, terms: Terms) -> Learner:
    """Return the learner with the base trained, from nothing or from a demo's weights."""
    torch.manual_seed(SEED)
    learner = Learner()
    if terms.demo:
        load_base(learner, terms.demo)
    learner.to(terms.device)
    train(learner, Stage(work, "base"), pools, base_batch, steps, terms)
    return learner


def train_joint(
    work: Path, learner: Learner, pools: Pools | None, steps: int, terms: Terms
) -> Learner:
    """Return the learner with base and LoRA trained together on all jobs, the base alone between.

    A LoRA cannot change what the published files leave alone: norms, embeddings, the double
    blocks' MLPs. On a base that has never seen a clean token beside a noisy one it copies
    coarsely.
    """
    torch.manual_seed(SEED + 1)
    learner.add_lora()
    if terms.demo:
        load_lora(learner, terms.demo / FILES["alltasks"])
    train(learner, Stage(work, "joint"), pools, joint_batch, steps, terms, judged=tryon_batch)
    learner.train_lora_alone()
    return learner


def train_lora(
    work: Path, learner: Learner, pools: Pools | None, steps: int, terms: Terms
) -> Learner:
    """Return a second learner, whose LoRA has gone on with the try-on alone, the base frozen."""
    return branch(learner, Stage(work, "lora"), pools, tryon_batch, steps, terms)


def train_all_jobs(
    work: Path, learner: Learner, pools: Pools | None, steps: int, terms: Terms
) -> Learner:
    """Return a second learner, whose LoRA has gone on with all jobs, the base frozen."""
    return branch(learner, Stage(work, "alltasks"), pools, any_job_batch, steps, terms)


def train_isolated(
    work: Path, learner: Learner, pools: Pools | None, steps: int, terms: Terms
) -> Learner | None:
    """Return a second learner, whose try-on LoRA has learned to do with isolated conditions.

    None where it has not: a LoRA that saw joint ones is of no use for them.
    """
    stage = Stage(work, "isolated")
    if not steps and not stage.checkpoint.is_file():
        return None
    return branch(learner, stage, pools, tryon_batch, steps, terms, isolated=True)


def branch(
    learner: Learner,
    stage: Stage,
    pools: Pools | None,
    draw: Draw,
    steps: int,
    terms: Terms,
    isolated: bool = False,
) -> Learner:
    """Return a copy of the learner, trained on.

    It begins with the stage's own LoRA that ships, but where the base has been trained on since.
    """
    learner = copy.deepcopy(learner)
    if isolated:
        learner.isolate_conditions()
        learner.lower_rank(ISOLATED_RANK)
    shipped = terms.demo and terms.demo / FILES[stage.checkpoint.stem]
    if shipped and shipped.is_file() and not stage.checkpoint.with_name("joint.pt").is_file():
        load_lora(learner, shipped)
    train(learner, stage, pools, draw, steps, terms)
    return learner
