"""The sheet of samples: held-out examples, each as conditions, result and true picture."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from any2any_core.contact_sheet import contact_sheet
from any2any_core.schedule import canvas_mu, reference_sigmas

from .batches import Batch, batch_generator, predicted_velocity, read_batch
from .encoded import Cache
from .examples import Example
from .settings import Settings

LONGER_SIDE = 1600
"""Of a row of the sheet, in pixels."""


@torch.no_grad()
def samples_sheet(
    transformer, autoencoder: nn.Module, examples: list[Example], cache: Cache, settings: Settings
) -> torch.Tensor:
    """Return one picture [H,W,3]: a row for every example. The same noise every time."""
    device = transformer.device
    autoencoder.to(device)
    rows = []
    for number, example in enumerate(examples):
        batch = read_batch([example], cache, settings.layout_name).to(device)
        target = sampled(transformer, batch, settings, number)
        height, width = example.size.height // 8, example.size.width // 8
        latent = F.fold(target.mT, (height, width), kernel_size=2, stride=2)  # [1,16,h,w]
        picture = autoencoder.decode(latent.float()).clamp(0, 1).movedim(1, -1).cpu()
        panels = [panel.picture for panel in example.panels()]
        rows.append(torch.cat([*panels, picture, example.target()], dim=2))
    longest = max(row.shape[2] for row in rows)
    return contact_sheet(rows, columns=1, cell=min(longest, LONGER_SIDE))[0]


def sampled(transformer, batch: Batch, settings: Settings, number: int) -> torch.Tensor:
    """Return the target's tokens [1,N,64] by Euler's rule on the published sigmas."""
    generator = batch_generator(settings.seed, number)
    shape = batch.clean[:, : batch.targets].shape
    target = torch.randn(shape, generator=generator).to(batch.clean.device)
    mu = canvas_mu(batch.clean.shape[1])
    for sigma, following in pairwise(reference_sigmas(settings.sheet_steps, mu).tolist()):
        sequence = torch.cat([target, batch.clean[:, batch.targets :]], dim=1)
        levels = torch.full((1,), sigma, device=target.device)
        direction = predicted_velocity(transformer, sequence, levels, batch, settings)
        target = target + (following - sigma) * direction.float()
    return target
