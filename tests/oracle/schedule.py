"""The published schedule, by diffusers' own scheduler."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.pipelines.flux.pipeline_flux import calculate_shift


def published_sigmas(steps: int, image_seq_len: int) -> torch.Tensor:
    """Return [steps + 1] float32 sigmas for a canvas of `image_seq_len` tokens."""
    scheduler = FlowMatchEulerDiscreteScheduler(
        use_dynamic_shifting=True,
        base_shift=0.5,
        max_shift=1.15,
        base_image_seq_len=256,
        max_image_seq_len=4096,
    )
    scheduler.set_timesteps(
        sigmas=np.linspace(1.0, 1 / steps, steps), mu=calculate_shift(image_seq_len)
    )
    return scheduler.sigmas


def last_part(steps: int, denoise: float, image_seq_len: int) -> torch.Tensor:
    """Return the last `steps` steps of a schedule of steps / denoise, as ComfyUI means it."""
    return published_sigmas(int(steps / denoise), image_seq_len)[-(steps + 1) :]
