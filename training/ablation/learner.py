"""A row's LoRA on the frozen demo base: its velocity, and the loss of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from diffusers import FluxTransformer2DModel

from any2any_core.demo_text import token_ids
from any2any_core.prompts import task_prompt

from ..device import attention_on
from ..flow import flow_error, partly_noised
from ..isolated import kept_conditions, velocity_beside
from ..learner import Learner
from ..transformer import GUIDANCE, velocity
from .rows import Row
from .tryons import Step, TryOns

Velocity = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Target tokens [B,N,64] at noise levels [B] to their noise - clean [B,N,64]."""


class RowLearner(Learner):
    """The demo's transformer and words, frozen, with an untrained LoRA."""

    def __init__(
        self,
        row: Row,
        transformer: FluxTransformer2DModel | None = None,
        dtype: torch.dtype = torch.bfloat16,
    ):
        super().__init__()
        self.row, self.dtype = row, dtype
        if transformer is not None:  # another than one of the demo's size
            self.transformer = transformer
        self.add_lora()
        self.train_lora_alone()
        if row.isolated:
            self.isolate_conditions()

    @contextmanager
    def arithmetic(self) -> Iterator[None]:
        """Compute in the learner's precision, attention as its device does it fastest."""
        half = self.dtype != torch.float32
        kind = self.device.type
        with torch.autocast(kind, self.dtype, enabled=half), attention_on(self.device):
            yield

    def velocity(self, tryons: TryOns) -> Velocity:
        """Return the velocity of try-ons' targets; isolated conditions are computed at once."""
        count = len(tryons.conditions)
        prompt = torch.tensor([token_ids(task_prompt("try-on"))], device=self.device)
        text, pooled = (one.expand(count, *one.shape[1:]) for one in self.words(prompt))
        ids, targets = tryons.ids, tryons.targets
        guidance = torch.full((count,), GUIDANCE, device=self.device)
        if self.row.isolated:
            kept = kept_conditions(self.transformer, tryons.conditions, ids[targets:], guidance)
            beside = (ids[:targets], text, pooled, guidance)
            return lambda noisy, sigmas: velocity_beside(
                self.transformer, kept, noisy, sigmas, *beside
            )

        def together(noisy: torch.Tensor, sigmas: torch.Tensor) -> torch.Tensor:
            sequence = torch.cat([noisy, tryons.conditions_at(sigmas)], dim=1)
            return velocity(self.transformer, sequence, sigmas, ids, text, pooled)[:, :targets]

        return together

    def loss(self, step: Step) -> torch.Tensor:
        """Return the weighed flow matching loss: |v - (noise - clean)|^2 on the target's tokens."""
        step, targets = step.to(self.device), step.clean.shape[1]
        noisy = partly_noised(step.clean, targets, step.sigmas, step.noise)
        with self.arithmetic():
            predicted = self.velocity(step.tryons)(noisy, step.sigmas)
        error = flow_error(predicted, step.clean, targets, step.noise)
        return (error * step.weight).mean() / step.weight.mean()
