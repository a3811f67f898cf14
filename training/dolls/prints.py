"""What is printed on cloth, and the cloth itself as a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from .canvas import ellipse, scaled_path
from .palette import CLOTH, Colour, contrast, varied
from .pose import Frame

PATTERNS = ("plain", "stripes", "dots", "logo")
DIRECTIONS = {"horizontal": 0.0, "vertical": 90.0, "diagonal": 45.0}
LOGOS = ("heart", "star", "circle", "square")
PLACES = {"left": -8.5, "middle": 0.0, "right": 8.5}
"""The logo's `u` on the chest."""
LOGO_V = 23.0
LEAST_CONTRAST = 0.42
"""How far a print's colour stands off the cloth's."""


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

    def colours(self, cloth: Colour) -> tuple[Colour, ...]:
        """Return the colours of a cloth with this print."""
        return (cloth,) if self.kind == "plain" else (cloth, self.rgb)

    @property
    def words(self) -> str:
        return {
            "plain": "",
            "stripes": f" with {self.colour} {self.direction} stripes",
            "dots": f" with {self.colour} dots",
            "logo": f" with a {self.colour} {self.shape} {self.place}",
            "side": f" with {self.colour} side stripes",
        }[self.kind]


PLAIN = Pattern("plain")


def standing_out(rng: np.random.Generator, cloth: Colour) -> tuple[str, Colour]:
    """Return a random colour that stands out from the cloth: its name, and one like it."""
    name = str(rng.choice([n for n, rgb in CLOTH.items() if contrast(rgb, cloth) > LEAST_CONTRAST]))
    return name, varied(CLOTH[name], rng)


def drawn_pattern(rng: np.random.Generator, cloth: Colour) -> Pattern:
    """Return a random print whose colour stands out from the cloth."""
    kind = str(rng.choice(PATTERNS, p=[0.2, 0.4, 0.15, 0.25]))
    if kind == "plain":
        return PLAIN
    name, rgb = standing_out(rng, cloth)
    if kind == "stripes":
        direction = str(rng.choice(list(DIRECTIONS)))
        return Pattern(kind, name, rgb, direction=direction, period=rng.uniform(15, 21))
    if kind == "dots":
        return Pattern(kind, name, rgb, period=rng.uniform(16, 20), size=rng.uniform(4.6, 6.2))
    shape, place = str(rng.choice(LOGOS)), str(rng.choice(list(PLACES)))
    return Pattern(kind, name, rgb, shape=shape, place=place, size=rng.uniform(10, 12.5))


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


def texture(
    rgb: Colour, pattern: Pattern, frame: Frame, size: tuple[int, int], on_sleeve: bool = False
) -> Image.Image:
    """Return the cloth of an endless garment lying in `frame`, at the oversampled size."""
    image = Image.new("RGB", size, rgb)
    brush = ImageDraw.Draw(image)
    for outline in marks(pattern, on_sleeve):
        brush.polygon(scaled_path(frame.points(outline)), fill=pattern.rgb)
    return image
