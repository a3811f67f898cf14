"""A batch as the transformer takes it, and its loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from diffusers import FluxTransformer2DModel
from diffusers.training_utils import compute_density_for_timestep_sampling

from any2any_core.positions import image_ids
from any2any_core.schedule import canvas_mu
from devtools.flux import tokens

from ..flow import flow_error, partly_noised
from ..isolated import target_velocity
from .encoded import Cache
from .examples import Example, layout_and_grids
from .settings import Settings


@dataclass(frozen=True, eq=False)
class Batch:
    """`clean` [B,N,64]: the target's `targets` tokens, then the conditions'.

    `ids` [N,3] as inference has them, `text` [B,T,4096], `pooled` [B,768].
    """

    clean: torch.Tensor
    targets: int
    ids: torch.Tensor
    text: torch.Tensor
    pooled: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        moved = (one.to(device) for one in (self.clean, self.ids, self.text, self.pooled))
        clean, ids, text, pooled = moved
        return Batch(clean, self.targets, ids, text, pooled)


def read_batch(examples: list[Example], cache: Cache, layout: str) -> Batch:
    """Return the batch of examples of one shape, from what was encoded."""
    shape = examples[0].shape
    latents = [cache.latents(example) for example in examples]
    panels = [torch.stack(parts) for parts in zip(*latents)]  # each [B,16,h,w]
    texts, pooled = zip(*(cache.text(example.triple.prompt) for example in examples))
    ids, _ = image_ids(*layout_and_grids(layout, shape))
    return Batch(
        clean=torch.cat([tokens(panel) for panel in panels], dim=1),
        targets=shape[1].tokens,
        ids=ids,
        text=torch.stack(texts),
        pooled=torch.stack(pooled),
    )


def drawn_levels(count: int, image_seq_len: int, settings: Settings, generator) -> torch.Tensor:
    """Return [count] noise levels, logit-normal; `canvas` shifts them as the sampler's.

    Formula of the shift: sigma = e^mu * t / (1 + (e^mu - 1) * t), any2any_core.schedule's.
    """
    levels = compute_density_for_timestep_sampling(
        "logit_normal",
        count,
        logit_mean=settings.logit_mean,
        logit_std=settings.logit_std,
        generator=generator,
    )
    if settings.shift == "canvas":
        shift = float(np.exp(canvas_mu(image_seq_len)))
        levels = shift * levels / (1 + (shift - 1) * levels)
    return levels


def batch_generator(seed: int, number: int) -> torch.Generator:
    """Return what draws batch `number`'s noise: of its own, so a cut run draws the same."""
    (word,) = np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)
    return torch.Generator("cpu").manual_seed(int(word >> np.uint64(1)))


def batch_loss(
    transformer: FluxTransformer2DModel, batch: Batch, settings: Settings, number: int
) -> torch.Tensor:
    """Return batch `number`'s loss: |v - (noise - clean)|^2, averaged over target tokens alone."""
    generator = batch_generator(settings.seed, number)
    count, image_seq_len, _ = batch.clean.shape
    device = batch.clean.device
    levels = drawn_levels(count, image_seq_len, settings, generator).to(device)
    noise = torch.randn(batch.clean[:, : batch.targets].shape, generator=generator).to(device)
    sequence = partly_noised(batch.clean, batch.targets, levels, noise)
    predicted = predicted_velocity(transformer, sequence, levels, batch, settings)
    return flow_error(predicted, batch.clean, batch.targets, noise).mean()


def predicted_velocity(
    transformer: FluxTransformer2DModel,
    sequence: torch.Tensor,
    sigmas: torch.Tensor,
    batch: Batch,
    settings: Settings,
) -> torch.Tensor:
    """Return the target's velocity [B,targets,64], computed as the settings say."""
    seen = (sequence, batch.targets, sigmas, batch.ids, batch.text, batch.pooled)
    with torch.autocast(sequence.device.type, torch.bfloat16, settings.precision == "bf16"):
        return target_velocity(transformer, *seen, settings.guidance, settings.isolated)
