"""Tops: what they look like, in words and numbers, and how they hang on a pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .canvas import Canvas, smooth, smooth_line
from .palette import CLOTH, Colour, darker, varied
from .pose import UPPER_ARM, Arm, Pose, flat_pose
from .prints import Pattern, drawn_pattern, texture

SLEEVES = {"sleeveless": 0.0, "short-sleeved": 17.0, "long-sleeved": 49.0}
LENGTHS = {"cropped": 44.0, "": 58.0, "long": 74.0}
NECKLINES = ("round", "v-neck", "boat")
LINING = 0.75
"""How dark the inside of a garment is that shows where it lies open."""


@dataclass(frozen=True)
class Top:
    """A garment for the upper body. `fit` widens it; lengths are in units of the doll."""

    kind: ClassVar[str] = "top"
    colour: str
    rgb: Colour
    sleeves: str
    length: str
    neckline: str
    fit: float
    pattern: Pattern

    @property
    def words(self) -> str:
        parts = [self.length, self.sleeves, self.neckline, self.colour, self.kind]
        return "a " + " ".join(part for part in parts if part) + self.pattern.words

    @property
    def colours(self) -> tuple[Colour, ...]:
        return self.pattern.colours(self.rgb)

    def body(self, pose: Pose) -> np.ndarray:
        """Return the torso's part in picture points, closed over the neck."""
        hem = LENGTHS[self.length]
        hip = 19.5 + max(0.0, hem - 58) * 0.22
        seam = [[17.5 * self.fit, min(36, hem - 6)], [hip * self.fit, hem]]
        right = np.concatenate([[[9.5, -7]], smooth_line(armhole(self.sleeves, self.fit) + seam)])
        left = right[::-1] * [[-1, 1]]
        return pose.chest.points(np.concatenate([right, left]))

    def draw_flat(self, canvas: Canvas) -> None:
        """Draw it as it lies on a table."""
        lay(canvas, self, flat_pose(canvas.width, canvas.height))


def drawn_top(rng: np.random.Generator) -> Top:
    """Return a random top."""
    name = str(rng.choice(list(CLOTH)))
    rgb = varied(CLOTH[name], rng)
    return Top(
        colour=name,
        rgb=rgb,
        sleeves=str(rng.choice(list(SLEEVES), p=[0.22, 0.4, 0.38])),
        length=str(rng.choice(list(LENGTHS), p=[0.22, 0.53, 0.25])),
        neckline=str(rng.choice(NECKLINES)),
        fit=rng.uniform(0.97, 1.12),
        pattern=drawn_pattern(rng, rgb),
    )


def armhole(sleeves: str, fit: float) -> list[list[float]]:
    """Return the right seam's upper points in (u, v): shoulder and armpit."""
    return [[21.0 if sleeves == "sleeveless" else 23.5, -1], [19.5 * fit, 16]]


def neck_outline(neckline: str) -> np.ndarray:
    """Return the opening for the neck in (u, v)."""
    if neckline == "v-neck":
        return np.array([[-9.5, -7.5], [9.5, -7.5], [0, 11]])
    if neckline == "boat":
        return smooth([[-14.5, -6.5], [0, -8], [14.5, -6.5], [0, 0.5]])
    return smooth([[-9.5, -7.5], [0, -9], [9.5, -7.5], [6.5, 0.5], [0, 3], [-6.5, 0.5]])


def sleeve_outline(arm: Arm, length: float, fit: float) -> np.ndarray:
    """Return a sleeve in picture points, bent where the arm bends."""
    upper_end = min(length, UPPER_ARM)
    half, cuff = 8.2 * fit, (6.6 if length > UPPER_ARM else 8.6) * fit
    top = arm.upper.points([[-half, -5], [half, -5]])
    if length <= UPPER_ARM:
        return np.concatenate([top, arm.upper.points([[cuff, upper_end], [-cuff, upper_end]])])
    middle = (arm.upper.across + arm.fore.across) / 2
    elbow = arm.upper.points([[0, UPPER_ARM]])[0]
    outer, inner = elbow + middle * half, elbow - middle * half
    end = arm.fore.points([[cuff, length], [-cuff, length]])
    return np.concatenate([top, [outer], end, [inner]])


def draw_body(canvas: Canvas, garment: Top, pose: Pose, neck: Colour) -> None:
    """Draw the torso's part of a top or a dress; `neck` is what shows in its opening."""
    line = darker(garment.rgb)
    cloth = texture(garment.rgb, garment.pattern, pose.chest, canvas.picture.size)
    canvas.cloth(garment.body(pose), cloth, line, garment.kind)
    canvas.shape(pose.chest.points(neck_outline(garment.neckline)), neck, line)


def draw_sleeve(canvas: Canvas, garment: Top, arm: Arm) -> None:
    """Draw one sleeve of a top or a dress, if there is one."""
    length, rgb = SLEEVES[garment.sleeves], garment.rgb
    if length:
        cloth = texture(rgb, garment.pattern, arm.upper, canvas.picture.size, on_sleeve=True)
        outline = sleeve_outline(arm, length, garment.fit)
        canvas.cloth(outline, cloth, darker(rgb), garment.kind)


def lay(canvas: Canvas, garment: Top, pose: Pose) -> None:
    """Draw a top or a dress as it lies on a table in a pose."""
    for arm in pose.arms:
        draw_sleeve(canvas, garment, arm)
    draw_body(canvas, garment, pose, darker(garment.rgb, LINING))
