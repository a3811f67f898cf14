"""Clean latents: conditions stay clean; the paper's ablation noises them instead."""

from __future__ import annotations

import torch

CONDITION_SEED = 0
"""The ablation's noise is fixed, so that a run is the same twice and steps share one path."""


def condition_noise(shapes: list[tuple[int, int, int]]) -> list[torch.Tensor]:
    """Return one [1,C,h,w] float32 noise for each condition shape (C,h,w), always the same."""
    generator = torch.Generator("cpu").manual_seed(CONDITION_SEED)
    return [torch.randn((1, *shape), generator=generator) for shape in shapes]


def noised_conditions(latents: list[torch.Tensor], sigma: torch.Tensor) -> list[torch.Tensor]:
    """Return conditions [B,C,h,w] noised to `sigma` [B]: x = (1 - sigma) * clean + sigma * noise.

    The ablation "without clean latent" of the paper's Table 5 (flow matching's own path).
    """
    noises = condition_noise([tuple(latent.shape[1:]) for latent in latents])
    level = sigma.reshape(-1, 1, 1, 1)
    return [
        ((1 - level) * latent + level * noise.to(latent.device)).to(latent.dtype)
        for latent, noise in zip(latents, noises)
    ]
