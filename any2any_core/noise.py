"""The noise that the published scripts draw, bit for bit."""

from __future__ import annotations

import torch

from .layout import VITONHD, Layout

CHANNELS = 16


def reference_noise(
    layout: Layout, latent_h: int, target_w: int, conditions_w: int, seed: int
) -> torch.Tensor:
    """Return the target's noise [1,16,latent_h,target_w], bfloat16, as the scripts draw it.

    One CPU generator makes the posterior samples of target and conditions, then the whole
    canvas's noise, of which the target keeps its own columns. The posterior samples are drawn and
    thrown away, because ComfyUI takes the posterior's mode. Widths are in latent cells. In
    `vitonhd` the conditions come first, on the canvas as in the draw (the reference's
    prepare_latents and test_vitonhd.py). The draw is made in bfloat16, as the scripts run: a
    float32 draw gives other numbers.
    """
    generator = torch.Generator("cpu").manual_seed(seed)

    def draw(latent_w: int) -> torch.Tensor:
        shape = (1, CHANNELS, latent_h, latent_w)
        return torch.randn(shape, generator=generator, dtype=torch.bfloat16)

    target_last = layout.name == VITONHD
    for posterior_w in (conditions_w, target_w) if target_last else (target_w, conditions_w):
        draw(posterior_w)
    canvas = draw(target_w + conditions_w)
    return canvas[..., -target_w:] if target_last else canvas[..., :target_w]


def reference_noise_batch(
    layout: Layout, latent_h: int, target_w: int, conditions_w: int, seed: int, batch: int
) -> torch.Tensor:
    """Return [batch,16,latent_h,target_w] float32 noise: picture i is drawn with seed + i."""
    draws = [
        reference_noise(layout, latent_h, target_w, conditions_w, seed + i) for i in range(batch)
    ]
    return torch.cat(draws).float()
