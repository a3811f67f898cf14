"""The paper dolls' colours: names that captions use, and their RGB in 0..255."""

from __future__ import annotations

import numpy as np

Colour = tuple[int, int, int]

CLOTH: dict[str, Colour] = {
    "red": (214, 48, 49),
    "orange": (243, 146, 42),
    "yellow": (252, 214, 70),
    "green": (58, 160, 84),
    "teal": (32, 164, 166),
    "blue": (48, 98, 206),
    "navy": (30, 42, 92),
    "purple": (132, 72, 184),
    "pink": (246, 146, 184),
    "white": (248, 248, 245),
    "black": (38, 38, 44),
    "brown": (132, 86, 56),
}
TROUSERS = {name: CLOTH[name] for name in ("blue", "navy", "black", "brown", "green", "red")} | {
    "grey": (122, 126, 134),
    "beige": (214, 192, 156),
}
SKIN: dict[str, Colour] = {
    "pale": (252, 224, 204),
    "light": (241, 196, 164),
    "tan": (214, 158, 112),
    "brown": (158, 104, 70),
    "dark": (104, 66, 48),
}
HAIR: dict[str, Colour] = {
    "black": (34, 30, 34),
    "brown": (104, 66, 40),
    "blond": (236, 200, 110),
    "red": (188, 78, 36),
    "grey": (170, 170, 176),
}
BACKGROUND: dict[str, Colour] = {
    "blue": (170, 208, 240),
    "green": (182, 220, 178),
    "pink": (248, 204, 214),
    "yellow": (252, 234, 172),
    "purple": (212, 198, 236),
    "grey": (206, 210, 214),
    "orange": (250, 212, 176),
}
INK: Colour = (52, 44, 50)


def contrast(first: Colour, second: Colour) -> float:
    """Return the distance of two colours, 0..1, weighted as eyes weigh red, green and blue."""
    weights = np.array([0.35, 0.45, 0.2])
    difference = (np.array(first) - np.array(second)) / 255
    return float(np.sqrt((weights * difference**2).sum()))


def darker(colour: Colour, share: float = 0.62) -> Colour:
    """Return the colour, its light scaled by `share`."""
    return tuple(int(channel * share) for channel in colour)


def varied(colour: Colour, rng: np.random.Generator, spread: float = 7.0) -> Colour:
    """Return a neighbour of the colour: no two cloths are dyed alike."""
    return tuple(int(c) for c in np.clip(np.array(colour) + rng.normal(0, spread, 3), 0, 255))
