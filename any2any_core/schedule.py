"""The reference's noise schedule: flow matching with a shift from the whole canvas."""

from __future__ import annotations

import math

import torch

BASE_SEQ_LEN, MAX_SEQ_LEN = 256, 4096
BASE_SHIFT, MAX_SHIFT = 0.5, 1.15

PUBLISHED_STEPS = 30


def canvas_mu(image_seq_len: int) -> float:
    """Return the shift mu for `image_seq_len` image tokens, target and conditions together.

    Formula: diffusers' calculate_shift, mu = 0.5 + 0.65 * (N - 256) / 3840.
    """
    slope = (MAX_SHIFT - BASE_SHIFT) / (MAX_SEQ_LEN - BASE_SEQ_LEN)
    return BASE_SHIFT + slope * (image_seq_len - BASE_SEQ_LEN)


def reference_sigmas(steps: int, mu: float) -> torch.Tensor:
    """Return [steps + 1] float32 sigmas from 1 down to 0.

    Formula: sigma(t) = e^mu / (e^mu + 1/t - 1) at t = 1, 1 - 1/n, .., 1/n; then 0
    (FlowMatchEulerDiscreteScheduler with dynamic shifting).

    Raises:
        ValueError: fewer than one step.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}, but at least 1 was expected: raise it (30 is usual).")
    t = torch.linspace(1, 1 / steps, steps, dtype=torch.float64)
    sigmas = math.exp(mu) / (math.exp(mu) + 1 / t - 1)
    return torch.cat([sigmas, sigmas.new_zeros(1)]).float()


def denoise_sigmas(steps: int, mu: float, denoise: float) -> torch.Tensor:
    """Return the sigmas of the last `steps` of `int(steps / denoise)` steps, as ComfyUI means it.

    [steps + 1], or empty when there is nothing to denoise (`denoise` 0).

    Raises:
        ValueError: `denoise` is not within 0..1, or fewer than one step.
    """
    if not 0 <= denoise <= 1:
        raise ValueError(
            f"denoise is {denoise}, but 0 to 1 was expected: set it to 1 for a new picture, or to "
            "about 0.4 for a second pass."
        )
    if denoise == 0:
        return torch.empty(0)
    return reference_sigmas(int(steps / denoise), mu)[-(steps + 1) :]
