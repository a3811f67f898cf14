"""Pictures as each protocol looks at them: RGB tensors [3,H,W] in 0..1."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from torchvision.transforms.v2 import functional as V

from any2any_core.digests import digest
from any2any_core.geometry import Size
from any2any_core.images import to_tensor

from .kept import mark
from .matched import width_at


def opened(path: Path) -> Image.Image:
    """Return the picture as 8-bit RGB.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise ValueError(
            f"{path} cannot be read ({error}), but a whole picture was expected: copy or make it "
            "again."
        ) from error


def as_it_is(path: Path) -> torch.Tensor:
    return to_tensor(opened(path)).permute(2, 0, 1)


def at_height(path: Path, height: int, folder: Path) -> Path:
    """Return the picture's file scaled to a height in pixels, made in `folder` if need be.

    As CatVTON's evaluation scales the truth for every metric: Lanczos, kept in the file's own
    format with Pillow's settings. So a JPEG is compressed once more.
    """
    with Image.open(path) as picture:
        if picture.height == height:
            return path
    scaled = folder / f"{digest([mark(path), height])}{path.suffix}"
    if not scaled.is_file():
        picture = opened(path)
        width = width_at(Size(*picture.size), height)
        part = scaled.with_name(f"part-{scaled.name}")
        picture.resize((width, height), Image.LANCZOS).save(part)
        part.replace(scaled)
    return scaled


def covering(path: Path, size: Size) -> torch.Tensor:
    """Return the picture scaled until it covers a size, and its middle of that size.

    As TryOffDiff's evaluation: torchvision's bilinear resize of floats, and a square result
    cropped to the truth's shape.
    """
    picture = as_it_is(path)
    height, width = picture.shape[1:]
    scale = max(size.width / width, size.height / height)
    scaled = [max(round(height * scale), size.height), max(round(width * scale), size.width)]
    return V.center_crop(V.resize(picture, scaled), [size.height, size.width])
