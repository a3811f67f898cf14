"""The loop that every learner is trained by: resumed from its checkpoint, averaged and logged."""

from __future__ import annotations

from collections.abc import Callable

import torch

from .learner import Learner, Optimizers
from .stage import Average, Stage, trainable

MUON_RATE, ADAM_RATE = 1e-3, 6e-4
WARMUP = 100
COOLING = 0.2
"""The share of the steps, the last ones, over which the rates fall to 0."""
LOG_EVERY = 100

Loss = Callable[[int], torch.Tensor]
"""The loss of a step by its number."""


def rate_share(step: int, steps: int) -> float:
    """Return the share of the rates at a step: up at first, down to nothing over the last ones."""
    return min(1.0, step / WARMUP, (steps + 1 - step) / (COOLING * steps))


def train_to(
    learner: Learner,
    stage: Stage,
    steps: int,
    begun: Callable[[int], Loss],
    look: Callable[[int, Average], None] = lambda step, average: None,
) -> None:
    """Train what of the learner is trainable to `steps`; its weights end as the average.

    Args:
        begun: what gives the losses of a run that begins with the step of that number.
        look: called after each step.
    """
    optimizers, average, first = Optimizers(learner, MUON_RATE, ADAM_RATE), Average(learner), 0
    if state := stage.resumed():
        learner.load_state_dict(state["weights"], strict=False)
        optimizers.load(state["optimizers"])
        average.resume(state["average"], state["step"])
        first = state["step"]
    if first < steps:
        loss_of, losses = begun(first + 1), []
    for step in range(first + 1, steps + 1):
        loss = loss_of(step)
        loss.backward()
        optimizers.step(rate_share(step, steps))
        average.update(learner)
        losses.append(loss.detach())
        if step % LOG_EVERY == 0 or step == steps:
            stage.record(step=step, loss=torch.stack(losses).mean().item())
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
        look(step, average)
    learner.load_state_dict(average.weights, strict=False)
