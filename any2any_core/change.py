"""The mask of what a try-on changed, from nothing but the photo and the result.

Both are compared at a size of at most `LOOKED_AT` pixels: a photo's finer detail, which a result
enlarged to the photo's size lacks, is no change, and a large photo takes no longer than a small
one.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .geometry import Size
from .images import image_size

LOOKED_AT = 512
"""The longer side, in pixels, at which the two are compared."""

UNIT = 256
"""The longer side over this is the radius of a speck; every other radius is a multiple of it."""

LEAST = 0.02
"""The distance between two colours, of sqrt(3), that may be a change at a sensitivity of 0.5."""

FAR = 0.2
"""A distance over this is no noise: it has no part in measuring the noise."""

NOISE = 2.0
"""How often the typical distance of unchanged pixels a change must be."""

SURE, LIKELY = 0.35, 0.1
"""The share of the contrast around a pixel that an autoencoder may get wrong there."""


def change_mask(
    picture: torch.Tensor, original: torch.Tensor, sensitivity: float = 0.5, margin: int = 0
) -> torch.Tensor:
    """Return [B,H,W]: 1 where `picture` shows something else than `original`, 0 where not.

    Both are [B,H,W,3] of one size; either may be a single one. The mask goes `margin` pixels, and a
    little, beyond what changed. A `sensitivity` (0..1) larger by 0.2 halves the difference that
    counts. Noise and a shift of all colours do not count, whatever they are: both are measured in
    the two pictures. Specks go and small holes close, but the gap between arm and body stays.
    """
    size = image_size(original)
    longer = max(size.width, size.height)
    scale = min(1.0, LOOKED_AT / longer)
    small = Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))
    unit = max(1, round(longer * scale / UNIT))

    sure, likely = changes(scaled(picture, small), scaled(original, small), sensitivity, unit)
    mask = dilated(eroded(sure, unit), unit)
    for _ in range(4 * unit):
        mask = torch.minimum(dilated(mask, 1), likely)
    mask = eroded(dilated(mask, 4 * unit), 4 * unit)
    mask = averaged(dilated(mask, 2 * unit + math.ceil(margin * scale)), unit)
    return scaled(mask.movedim(1, -1), size)[:, 0]


def changes(
    picture: torch.Tensor, original: torch.Tensor, sensitivity: float, unit: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what surely and what likely changed, each [B,1,h,w] in 0..1; pictures are [B,3,h,w].

    An autoencoder errs most where contrast is highest, at outlines: only a difference that is large
    beside the contrast is sure.
    """
    picture, original = averaged(picture, unit), averaged(original, unit)
    difference = picture - original
    far = difference.norm(dim=1, keepdim=True) > FAR
    difference = difference - median(difference, far)
    distance = difference.norm(dim=1, keepdim=True)
    least = LEAST * 2 ** (5 * (0.5 - sensitivity)) + NOISE * median(distance, far)
    contrast = (dilated(original, unit) - eroded(original, unit)).norm(dim=1, keepdim=True)
    sure, likely = (
        (2 * (distance - share * contrast) / least - 2).clamp(0, 1) for share in (SURE, LIKELY)
    )
    return sure, likely


def median(values: torch.Tensor, left_out: torch.Tensor) -> torch.Tensor:
    """Return the median [B,C,1,1] of every channel; 0 where all of it is left out."""
    kept = values.masked_fill(left_out, torch.nan).flatten(2)
    return kept.nanmedian(dim=2).values.nan_to_num(0)[..., None, None]


def scaled(image: torch.Tensor, size: Size) -> torch.Tensor:
    """Return an IMAGE [B,H,W,C] at `size`, as [B,C,h,w]."""
    image = image.movedim(-1, 1)
    if image.shape[-2:] == (size.height, size.width):
        return image
    return F.interpolate(image, (size.height, size.width), mode="bilinear", antialias=True)


def averaged(image: torch.Tensor, radius: int) -> torch.Tensor:
    """Return [B,C,h,w], each pixel the mean of the square of `radius` pixels around it."""
    padded = F.pad(image, [radius] * 4, mode="replicate")
    return F.avg_pool2d(padded, 2 * radius + 1, stride=1)


def dilated(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return [B,C,h,w], each pixel the largest of the square of `radius` pixels around it."""
    return F.max_pool2d(
        F.max_pool2d(mask, (1, 2 * radius + 1), stride=1, padding=(0, radius)),
        (2 * radius + 1, 1),
        stride=1,
        padding=(radius, 0),
    )


def eroded(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return [B,C,h,w], each pixel the smallest of the square of `radius` pixels around it."""
    return -dilated(-mask, radius)
