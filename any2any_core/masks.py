"""Masks in: MASK tensors [B,H,W] in 0..1, checked and at a picture's size."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .geometry import Size


def checked_mask(mask: torch.Tensor, size: Size) -> torch.Tensor:
    """Return the mask [B,H,W] in 0..1 at `size`, stretched (bilinear, antialiased) to it.

    Raises:
        ValueError: the mask is not [B,H,W], holds no pixel, or is not finite.
    """
    if mask.ndim == 2:
        mask = mask[None]
    if mask.ndim != 3 or 0 in mask.shape or not torch.isfinite(mask).all():
        raise ValueError(
            f"The mask has shape {tuple(mask.shape)} or NaN in it, but finite [batch, height, "
            "width] was expected: connect a MASK (LoadImage's second output, or a segmenter's)."
        )
    mask = mask.detach().float().cpu().clamp(0, 1)
    if mask.shape[-2:] == (size.height, size.width):
        return mask
    shape = (size.height, size.width)
    return F.interpolate(mask[:, None], shape, mode="bilinear", antialias=True)[:, 0]
