"""A picture and the masks of its clothes, drawn together at three times their size."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .palette import INK, Colour

OVERSAMPLING = 3
OUTLINE = 1.1
"""Width in px of the ink line around every cut-out."""


class Canvas:
    """Points are (x, y) px of the finished picture; whatever is drawn later lies on top."""

    def __init__(self, width: int, height: int, colour: Colour):
        self.width, self.height = width, height
        size = (width * OVERSAMPLING, height * OVERSAMPLING)
        self.picture = Image.new("RGB", size, colour)
        self.clothes: dict[str, Image.Image] = {}
        self.figure = Image.new("L", size, 0)
        self._brush = ImageDraw.Draw(self.picture)
        self._figure_brush = ImageDraw.Draw(self.figure)

    def shape(self, points: np.ndarray, colour: Colour, line: Colour | None = INK) -> None:
        """Draw a filled outline [n,2] that hides the clothes below it."""
        path = scaled_path(points)
        self._brush.polygon(path, fill=colour)
        self._cover(path)
        if line:
            self.stroke(points, line, closed=True)

    def cloth(self, points: np.ndarray, texture: Image.Image, line: Colour, kind: str) -> None:
        """Draw a piece of a kind of garment: the texture (of the full size) within an outline."""
        path = scaled_path(points)
        stencil = Image.new("L", self.picture.size, 0)
        ImageDraw.Draw(stencil).polygon(path, fill=255)
        self.picture.paste(texture, (0, 0), stencil)
        self._cover(path)
        self.clothes.setdefault(kind, Image.new("L", stencil.size, 0)).paste(stencil, stencil)
        self.stroke(points, line, closed=True)

    def _cover(self, path: list[tuple[float, float]]) -> None:
        """Take what lies below an outline from the clothes, and add it to the figure."""
        for mask in self.clothes.values():
            ImageDraw.Draw(mask).polygon(path, fill=0)
        self._figure_brush.polygon(path, fill=255)

    def stroke(
        self, points: np.ndarray, colour: Colour, width: float = OUTLINE, closed: bool = False
    ) -> None:
        """Draw a line through [n,2] points."""
        path = scaled_path(points)
        if closed:
            path = path + path[:2]
        self._brush.line(path, fill=colour, width=round(width * OVERSAMPLING), joint="curve")

    def finished(self) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
        """Return picture [h,w,3], each kind of clothes [h,w] and figure [h,w], uint8."""
        clothes = {kind: reduced(mask) for kind, mask in self.clothes.items()}
        return reduced(self.picture), clothes, reduced(self.figure)


def reduced(image: Image.Image) -> np.ndarray:
    """Return an oversampled image at its own size."""
    return np.asarray(image.reduce(OVERSAMPLING))


def scaled_path(points: np.ndarray) -> list[tuple[float, float]]:
    """Return the points in the oversampled picture."""
    return [tuple(point) for point in (np.asarray(points) * OVERSAMPLING).tolist()]


def smooth(points: np.ndarray, pieces: int = 6) -> np.ndarray:
    """Return the closed Catmull-Rom curve through [n,2] points, `pieces` steps a segment."""
    p1 = np.asarray(points, dtype=float)
    p0, p2, p3 = np.roll(p1, 1, 0), np.roll(p1, -1, 0), np.roll(p1, -2, 0)
    t = (np.arange(pieces) / pieces)[None, :, None]
    p0, p1, p2, p3 = (p[:, None] for p in (p0, p1, p2, p3))
    curve = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return curve.reshape(-1, 2)


def smooth_line(points: np.ndarray, pieces: int = 6) -> np.ndarray:
    """Return the open Catmull-Rom curve through [n,2] points, both ends included."""
    ends = np.asarray(points, dtype=float)
    mirrored = [2 * ends[-1] - ends[-2], 2 * ends[0] - ends[1]]
    return smooth(np.concatenate([ends, mirrored]), pieces)[: (len(ends) - 1) * pieces + 1]


def ellipse(u: float, v: float, width: float, height: float, count: int = 28) -> np.ndarray:
    """Return [count,2] points of an ellipse of half sizes width and height."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([u + width * np.cos(angle), v + height * np.sin(angle)], axis=1)
