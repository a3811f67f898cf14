"""Jackets: open at the front, so that the top under them shows between their two sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from .canvas import Canvas
from .palette import CLOTH, Colour, darker, varied
from .pose import Arm, Pose, flat_pose
from .prints import standing_out
from .tops import sleeve_outline

LENGTHS = {"short": 48.0, "": 63.0, "long": 80.0}
SLEEVE, CUFF = 50.0, 4.5
EDGE = 3.6
"""Width in units of the contrasting edge along the opening."""
LINING = 0.6


@dataclass(frozen=True)
class Jacket:
    """A garment over a top. `gap` is half the opening's width in units; `fit` widens all."""

    kind: ClassVar[str] = "jacket"
    colour: str
    rgb: Colour
    edge: str
    edge_rgb: Colour
    length: str
    gap: float
    fit: float

    @property
    def words(self) -> str:
        return f"an open {self.length} {self.colour} {self.kind} with {self.edge} edges".replace(
            "  ", " "
        )

    @property
    def colours(self) -> tuple[Colour, ...]:
        return self.rgb, self.edge_rgb

    def draw_flat(self, canvas: Canvas) -> None:
        """Draw it as it lies on a table, its lining in the opening."""
        pose = flat_pose(canvas.width, canvas.height, top=0.26)
        hem = LENGTHS[self.length]
        back = [[9.5, -5], [hip(self), hem - 2], [-hip(self), hem - 2], [-9.5, -5]]
        lining = Image.new("RGB", canvas.picture.size, darker(self.rgb, LINING))
        for arm in pose.arms:
            draw_jacket_sleeve(canvas, self, arm)
        canvas.cloth(pose.chest.points(back), lining, darker(self.rgb), self.kind)
        draw_front(canvas, self, pose)


def drawn_jacket(rng: np.random.Generator) -> Jacket:
    """Return a random jacket."""
    colour = str(rng.choice(list(CLOTH)))
    rgb = varied(CLOTH[colour], rng)
    edge, edge_rgb = standing_out(rng, rgb)
    length = str(rng.choice(list(LENGTHS), p=[0.25, 0.5, 0.25]))
    gap, fit = rng.uniform(9, 11.5), rng.uniform(1.16, 1.24)
    return Jacket(colour, rgb, edge, edge_rgb, length, gap, fit)


def hip(jacket: Jacket) -> float:
    """Return half the hem's width."""
    return (19.0 + max(0.0, LENGTHS[jacket.length] - 58) * 0.2) * jacket.fit


def draw_front(canvas: Canvas, jacket: Jacket, pose: Pose) -> None:
    """Draw both sides of the body."""
    hem, gap, fit = LENGTHS[jacket.length], jacket.gap, jacket.fit
    cloth, edging = cloths(canvas, jacket)
    seam = [[9.5, -8], [24.5, -2], [19.0 * fit, 16], [18 * fit, 36], [hip(jacket), hem]]
    opening = np.array([[gap + 1.5, hem + 1], [gap, 34], [gap - 0.5, 12], [8.2, -8]])
    strip = np.concatenate([opening, opening[::-1] + [[EDGE, 0]]])
    for side in (-1, 1):
        mirror = [[side, 1]]
        outline = pose.chest.points(np.concatenate([seam, opening]) * mirror)
        canvas.cloth(outline, cloth, darker(jacket.rgb), jacket.kind)
        canvas.cloth(pose.chest.points(strip * mirror), edging, darker(jacket.rgb), jacket.kind)


def draw_jacket_sleeve(canvas: Canvas, jacket: Jacket, arm: Arm) -> None:
    """Draw one sleeve with its cuff."""
    cloth, edging = cloths(canvas, jacket)
    line, width = darker(jacket.rgb), 6.6 * jacket.fit
    canvas.cloth(sleeve_outline(arm, SLEEVE, jacket.fit), cloth, line, jacket.kind)
    cuff = [[-width, SLEEVE - CUFF], [width, SLEEVE - CUFF], [width, SLEEVE], [-width, SLEEVE]]
    canvas.cloth(arm.fore.points(cuff), edging, line, jacket.kind)


def cloths(canvas: Canvas, jacket: Jacket) -> tuple[Image.Image, Image.Image]:
    """Return the cloth and the edge's, at the oversampled size."""
    size = canvas.picture.size
    return Image.new("RGB", size, jacket.rgb), Image.new("RGB", size, jacket.edge_rgb)
