"""Tops: what they look like, in words and numbers, and how they hang on a pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from .canvas import Canvas, ellipse, scaled_path, smooth, smooth_line
from .palette import CLOTH, Colour, contrast, darker, varied
from .pose import UPPER_ARM, Arm, Frame, Pose

SLEEVES = {"sleeveless": 0.0, "short-sleeved": 17.0, "long-sleeved": 49.0}
LENGTHS = {"cropped": 44.0, "": 58.0, "long": 74.0}
NECKLINES = ("round", "v-neck", "boat")
PATTERNS = ("plain", "stripes", "dots", "logo")
DIRECTIONS = {"horizontal": 0.0, "vertical": 90.0, "diagonal": 45.0}
LOGOS = ("heart", "star", "circle", "square")
PLACES = {"left": -8.5, "middle": 0.0, "right": 8.5}
"""The logo's `u` on the chest."""
LOGO_V = 23.0


@dataclass(frozen=True)
class Pattern:
    """What is printed on a cloth; fields that its kind does not use are empty or 0."""

    kind: str
    colour: str = ""
    rgb: Colour = (0, 0, 0)
    direction: str = ""
    period: float = 0.0
    shape: str = ""
    place: str = ""
    size: float = 0.0

    @property
    def words(self) -> str:
        return {
            "plain": "",
            "stripes": f" with {self.colour} {self.direction} stripes",
            "dots": f" with {self.colour} dots",
            "logo": f" with a {self.colour} {self.shape} {self.place}",
        }[self.kind]


@dataclass(frozen=True)
class Top:
    """A garment for the upper body. `fit` widens it; lengths are in units of the doll."""

    colour: str
    rgb: Colour
    sleeves: str
    length: str
    neckline: str
    fit: float
    pattern: Pattern

    @property
    def words(self) -> str:
        parts = [self.length, self.sleeves, self.neckline, self.colour, "top"]
        return "a " + " ".join(part for part in parts if part) + self.pattern.words


def drawn_pattern(rng: np.random.Generator, cloth: Colour) -> Pattern:
    """Return a random print whose colour stands out from the cloth."""
    kind = str(rng.choice(PATTERNS, p=[0.2, 0.4, 0.15, 0.25]))
    if kind == "plain":
        return Pattern(kind)
    name = str(rng.choice([n for n, rgb in CLOTH.items() if contrast(rgb, cloth) > 0.42]))
    rgb = varied(CLOTH[name], rng)
    if kind == "stripes":
        direction = str(rng.choice(list(DIRECTIONS)))
        return Pattern(kind, name, rgb, direction=direction, period=rng.uniform(15, 21))
    if kind == "dots":
        return Pattern(kind, name, rgb, period=rng.uniform(16, 20), size=rng.uniform(4.6, 6.2))
    shape, place = str(rng.choice(LOGOS)), str(rng.choice(list(PLACES)))
    return Pattern(kind, name, rgb, shape=shape, place=place, size=rng.uniform(10, 12.5))


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


def logo_outline(shape: str, size: float) -> np.ndarray:
    """Return [n,2] points of a sign about its centre, `size` its half width."""
    if shape == "circle":
        return ellipse(0, 0, size, size)
    if shape == "square":
        return np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size * 0.9
    if shape == "star":
        angle = np.arange(10) * np.pi / 5 - np.pi / 2
        radius = np.where(np.arange(10) % 2 == 0, 1.2, 0.55) * size
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y - 2], axis=1) * size / 15


def marks(pattern: Pattern, on_sleeve: bool) -> list[np.ndarray]:
    """Return the print's outlines in (u, v), enough to cover any part of a garment."""
    reach = 100.0
    if pattern.kind == "stripes":
        slope = np.deg2rad(DIRECTIONS[pattern.direction])
        along = np.array([np.cos(slope), -np.sin(slope)])
        across = np.array([-along[1], along[0]])
        bar = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [[reach * 1.5, pattern.period / 4]]
        bar = bar[:, :1] * along + bar[:, 1:] * across
        count = int(reach / pattern.period) + 1
        return [bar + across * k * pattern.period for k in range(-count, count + 1)]
    if pattern.kind == "dots":
        centres = [
            ((column + row % 2 / 2) * pattern.period, row * pattern.period)
            for row in range(-2, int(reach / pattern.period) + 1)
            for column in range(-3, 4)
        ]
        return [ellipse(u, v, pattern.size, pattern.size) for u, v in centres]
    if pattern.kind == "logo" and not on_sleeve:
        return [logo_outline(pattern.shape, pattern.size) + [PLACES[pattern.place], LOGO_V]]
    return []


def texture(top: Top, frame: Frame, size: tuple[int, int], on_sleeve: bool) -> Image.Image:
    """Return the cloth of an endless garment lying in `frame`, at the oversampled size."""
    image = Image.new("RGB", size, top.rgb)
    brush = ImageDraw.Draw(image)
    for outline in marks(top.pattern, on_sleeve):
        brush.polygon(scaled_path(frame.points(outline)), fill=top.pattern.rgb)
    return image


def body_outline(top: Top) -> np.ndarray:
    """Return the torso's part of a top in (u, v), closed over the neck."""
    hem, fit = LENGTHS[top.length], top.fit
    shoulder = 21.0 if top.sleeves == "sleeveless" else 23.5
    hip = 19.5 + max(0.0, hem - 58) * 0.22
    seam = [[shoulder, -1], [19.5 * fit, 16], [17.5 * fit, min(36, hem - 6)], [hip * fit, hem]]
    right = np.concatenate([[[9.5, -7]], smooth_line(seam)])
    left = right[::-1] * [[-1, 1]]
    return np.concatenate([right, left])


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


def draw_body(canvas: Canvas, top: Top, pose: Pose, neck: Colour) -> None:
    """Draw the torso's part; `neck` is what shows in its opening."""
    line = darker(top.rgb)
    cloth = texture(top, pose.chest, canvas.picture.size, on_sleeve=False)
    canvas.cloth(pose.chest.points(body_outline(top)), cloth, line)
    canvas.shape(pose.chest.points(neck_outline(top.neckline)), neck, line)


def draw_sleeve(canvas: Canvas, top: Top, arm: Arm) -> None:
    """Draw one sleeve, if there is one."""
    length = SLEEVES[top.sleeves]
    if length:
        cloth = texture(top, arm.upper, canvas.picture.size, on_sleeve=True)
        canvas.cloth(sleeve_outline(arm, length, top.fit), cloth, darker(top.rgb))
