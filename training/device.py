"""Where a training computes, and how attention is computed there."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

ALL_BUT_CUDNN = [
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.OVERRIDEABLE,  # what torch calls other makers' own
    SDPBackend.MATH,
]


def chosen_device(name: str = "") -> torch.device:
    """Return the device that was asked for, or the best there is."""
    if name:
        return torch.device(name)
    return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")


def attention_on(device: torch.device) -> AbstractContextManager:
    """Return what forward and backward run in.

    On a CPU plain products: they take half the time of its flash attention at the lengths that a
    CPU can train. Elsewhere anything but cuDNN's, whose backward pass fails on the demo's short
    sequences (torch 2.11 on an H200), though torch tries it first on such cards.
    """
    return sdpa_kernel(SDPBackend.MATH if device.type == "cpu" else ALL_BUT_CUDNN)
