"""Trousers: legs with shoes below them, worn and laid flat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from .canvas import Canvas, ellipse
from .palette import INK, TROUSERS, Colour, darker, varied
from .pose import LEG, Frame, Pose, flat_pose
from .prints import PLAIN, Pattern, standing_out, texture

LENGTHS = {"short": 0.42, "": 1.0}
"""The share of the way from thigh to ankle."""
FLAT_STANCE, FLAT_SCALE = 13.0, 1.5
WAIST, BAND = -8.0, 5.0
"""Units from the hip up to the waist, and how wide the waistband is."""
SIDE_STRIPE = 4.6


@dataclass(frozen=True)
class Trousers:
    """A garment for the legs; a pattern `side` is a stripe along each outer seam."""

    kind: ClassVar[str] = "trousers"
    colour: str
    rgb: Colour
    length: str = ""
    pattern: Pattern = PLAIN

    @property
    def words(self) -> str:
        return f"{self.length} {self.colour} {self.kind}".strip() + self.pattern.words

    @property
    def colours(self) -> tuple[Colour, ...]:
        return self.pattern.colours(self.rgb)

    def draw_flat(self, canvas: Canvas) -> None:
        """Draw them as they lie on a table."""
        pose = flat_pose(canvas.width, canvas.height, top=-0.14, scale=FLAT_SCALE)
        for leg in legs(pose, FLAT_STANCE):
            draw_trouser_leg(canvas, self, leg)
        waist = [[-17.5, WAIST], [17.5, WAIST], [17.7, WAIST + BAND], [-17.7, WAIST + BAND]]
        band, line = darker(self.rgb, 0.8), darker(self.rgb)
        cloth = Image.new("RGB", canvas.picture.size, band)
        canvas.cloth(pose.pelvis.points(waist), cloth, line, self.kind)


def drawn_trousers(rng: np.random.Generator) -> Trousers:
    """Return random trousers."""
    colour = str(rng.choice(list(TROUSERS)))
    rgb = varied(TROUSERS[colour], rng)
    length = str(rng.choice(list(LENGTHS), p=[0.3, 0.7]))
    return Trousers(colour, rgb, length, drawn_pattern(rng, rgb))


def drawn_pattern(rng: np.random.Generator, cloth: Colour) -> Pattern:
    """Return a random pattern for trousers."""
    kind = str(rng.choice(["plain", "stripes", "side"], p=[0.36, 0.34, 0.3]))
    if kind == "plain":
        return PLAIN
    name, rgb = standing_out(rng, cloth)
    if kind == "side":
        return Pattern(kind, name, rgb)
    direction = str(rng.choice(["horizontal", "vertical"]))
    return Pattern(kind, name, rgb, direction=direction, period=rng.uniform(10, 13))


@dataclass(frozen=True)
class Leg:
    """One leg in picture points: its seams from hip over thigh to ankle, and its own frame."""

    foot: np.ndarray
    side: int
    outer: np.ndarray
    inner: np.ndarray
    frame: Frame


def legs(pose: Pose, stance: float) -> list[Leg]:
    """Return both legs; feet stand `stance` units from the middle however the torso leans."""
    return [leg(pose, stance, side) for side in (-1, 1)]


def leg(pose: Pose, stance: float, side: int) -> Leg:
    hip, scale = pose.pelvis, pose.scale
    foot = hip.origin + np.array([side * stance, LEG - 2]) * scale
    ankle = foot + np.array([[5.5, -3], [-5.5, -3]]) * scale
    outer, inner = hip.points([[side * 17.5, WAIST], [-side * 1.5, WAIST]])
    crotch = hip.origin + np.array([side * 0.5, 12]) * scale
    thigh = hip.origin + np.array([side * 18.5, 8]) * scale
    if side < 0:
        ankle = ankle[::-1]
    top = hip.origin + np.array([side * 9.5, 0]) * scale
    down = (foot - top) / np.linalg.norm(foot - top) * scale
    frame = Frame(top, np.array([down[1], -down[0]]), down)
    return Leg(
        foot, side, np.array([outer, thigh, ankle[0]]), np.array([inner, crotch, ankle[1]]), frame
    )


def cut(seam: np.ndarray, share: float) -> np.ndarray:
    """Return a seam that ends at a share of its last piece."""
    return np.array([*seam[:2], share * seam[2] + (1 - share) * seam[1]])


def draw_legs(canvas: Canvas, trousers: Trousers, pose: Pose, stance: float, skin: Colour) -> None:
    """Draw shoes and trousers, with bare shins below short ones."""
    for one in legs(pose, stance):
        sole = one.foot + np.array([one.side * 3, 0]) * pose.scale
        canvas.shape(ellipse(*sole, 8 * pose.scale, 4.5 * pose.scale), INK, None)
        if LENGTHS[trousers.length] < 1:
            draw_shin(canvas, one, skin)
        draw_trouser_leg(canvas, trousers, one)


def draw_shin(canvas: Canvas, one: Leg, skin: Colour) -> None:
    """Draw the leg's skin."""
    knee, ankle = [[-6.6, 14], [6.6, 14]], [[4.6, LEG - 5], [-4.6, LEG - 5]]
    canvas.shape(one.frame.points(knee + ankle), skin, darker(skin, 0.75))


def draw_trouser_leg(canvas: Canvas, trousers: Trousers, one: Leg) -> None:
    """Draw one leg's cloth."""
    rgb, pattern, size = trousers.rgb, trousers.pattern, canvas.picture.size
    share, line = LENGTHS[trousers.length], darker(trousers.rgb)
    outer, inner = cut(one.outer, share), cut(one.inner, share)
    outline = np.concatenate([outer, inner[::-1]])
    canvas.cloth(outline, texture(rgb, pattern, one.frame, size), line, trousers.kind)
    if pattern.kind == "side":
        inwards = -one.side * SIDE_STRIPE * one.frame.across
        stripe = np.concatenate([outer, (outer + inwards)[::-1]])
        canvas.cloth(stripe, Image.new("RGB", size, pattern.rgb), line, trousers.kind)
