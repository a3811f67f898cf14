"""What words ask of a model-free picture, read off its pixels: wall, trousers and hair."""

from __future__ import annotations

import numpy as np

from ..dolls.palette import BACKGROUND, HAIR, TROUSERS, Colour
from ..dolls.people import Person

RIM, BAND = 4, 3
"""Pixels of paper rim around the figure, and how many below it are looked at."""


def attributes_right(picture: np.ndarray, person: Person) -> dict[str, bool]:
    """Return by attribute whether a picture [h,w,3] uint8 has the person's named colour.

    Right is the colour that is nearest of all that the attribute may have.
    """
    wall = np.median(picture[: picture.shape[0] // 3, [1, 2, -3, -2]], axis=(0, 1))
    right = {
        "background": nearest(wall, BACKGROUND) == person.background,
        "trousers": nearest(legs(picture, wall), TROUSERS) == person.trousers.colour,
    }
    if person.style != "no":
        right["hair"] = nearest(crown(picture, wall), HAIR) == person.hair
    return right


def nearest(colour: np.ndarray, palette: dict[str, Colour]) -> str:
    """Return the name of the palette's colour that is nearest to an RGB in 0..255."""
    return min(palette, key=lambda name: float(np.linalg.norm(colour - np.array(palette[name]))))


def legs(picture: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """Return the median colour of the figure between hip and knee."""
    height, width = picture.shape[:2]
    part = picture[int(0.74 * height) : int(0.84 * height), int(0.3 * width) : int(0.7 * width)]
    pixels = part.reshape(-1, 3).astype(float)
    figure = is_figure(pixels, wall)
    return np.median(pixels[figure], axis=0) if figure.any() else np.zeros(3)


def crown(picture: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """Return the median colour at the top of the head, under the paper rim."""
    figure = is_figure(picture.astype(float), wall)
    rows = np.flatnonzero(figure.sum(1) > BAND)
    if not len(rows):
        return np.zeros(3)
    top = rows[0] + 1
    band = slice(top, top + BAND)
    return np.median(picture[band][figure[band]].astype(float), axis=0)


def is_figure(pixels: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """Return which pixels [...,3] are neither wall nor white paper."""
    from_wall = np.linalg.norm(pixels - wall, axis=-1)
    from_white = np.linalg.norm(pixels - 255.0, axis=-1)
    return (from_wall > 45) & (from_white > 60)
