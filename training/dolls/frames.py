"""Dolls' pictures in other frames: more of the wall or less, larger or smaller."""

from __future__ import annotations

import numpy as np
from PIL import Image

from any2any_core.geometry import Size

from .pictures import Triple


def reframed(picture: np.ndarray, size: Size, fill: str = "edge") -> np.ndarray:
    """Return a picture [h,w,c] scaled to the size's height, with more wall beside it or less."""
    height, width = picture.shape[:2]
    scaled = round(width * size.height / height)
    picture = np.asarray(Image.fromarray(picture).resize((scaled, size.height)))
    more = max(0, size.width - scaled)
    beside = ((0, 0), (more // 2, more - more // 2), *((0, 0),) * (picture.ndim - 2))
    picture = np.pad(picture, beside, mode=fill)
    left = (picture.shape[1] - size.width) // 2
    return picture[:, left : left + size.width]


def changed_clothes(triple: Triple, size: Size) -> np.ndarray:
    """Return where clothes are put on or off [h,w] uint8 (0..255), in a frame of that size."""
    clothes = np.maximum(triple.target.clothes, triple.source.clothes)
    return reframed(clothes, size, "constant")
