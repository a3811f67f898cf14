"""Pictures as PNG files: whole or not there at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .images import to_tensor


def write_png(picture: torch.Tensor, path: Path, metadata: PngInfo | None = None) -> None:
    """Write a picture [H,W,3] in 0..1, level for level as ComfyUI's SaveImage does.

    It takes its name once it is whole: a run that is ended meanwhile leaves no damaged file there.
    """
    levels = np.clip(255.0 * picture.cpu().numpy(), 0, 255).astype(np.uint8)
    part = path.with_name(f".{path.name}.part")
    try:
        Image.fromarray(levels).save(part, format="PNG", pnginfo=metadata, compress_level=4)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def is_whole_png(path: Path) -> bool:
    """Return whether there is a PNG file whose every part fits its checksum."""
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            picture.verify()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def read_png(path: Path) -> torch.Tensor:
    """Return the picture as an IMAGE [1,H,W,3]."""
    with Image.open(path, formats=["PNG"]) as picture:
        return to_tensor(picture)[None]
