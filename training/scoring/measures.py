"""How right a dressed doll is: distances in dB, and whether its stripes and logo are there."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from devtools.scores import psnr

from ..dolls.palette import Colour
from ..dolls.pictures import Triple
from ..dolls.prints import DIRECTIONS, LOGO_V, PLACES, logo_outline

CHEST = np.array([[-13, 12], [13, 12], [13, 40], [-13, 40]])
"""The part of the torso, in (u, v), where every top shows its print."""
DIRECTION_TOLERANCE = 22.5
"""Degrees: half of what lies between two directions."""
LEAST_CONTRAST = 0.25
"""The share of the true stripes' energy that counts as stripes."""
NEAR = 50
"""Distance in RGB (0..255) within which a pixel has a colour."""
LEAST_OVERLAP = 0.5
"""Intersection over union of the logo's pixels with the true ones that counts as the logo."""


def inside_psnr(result: np.ndarray, truth: np.ndarray, where: np.ndarray) -> float:
    """Return the PSNR in dB over the pixels [h,w] that are true."""
    return psnr(result[where], truth[where])


def in_colours(pixels: np.ndarray, colours: tuple[Colour, ...]) -> bool:
    """Tell whether most of the pixels [...,3] are in one of the colours."""
    distances = [np.linalg.norm(pixels - np.array(colour, float), axis=-1) for colour in colours]
    return bool((np.min(distances, axis=0) < NEAR).mean() > 0.5)


def stencil(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the mask [h,w] of an outline in picture points."""
    image = Image.new("1", shape[::-1])
    ImageDraw.Draw(image).polygon([tuple(point) for point in points.tolist()], fill=1)
    return np.asarray(image)


def chest(triple: Triple) -> np.ndarray:
    """Return where the top shows on the chest [h,w]."""
    clothes = triple.target.clothes > 127
    return clothes & stencil(triple.person.pose.chest.points(CHEST), clothes.shape)


def gradients(picture: np.ndarray, axis_rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the slopes (y, x) [h,w] of a picture [h,w,3] along one direction of colour."""
    return np.gradient(picture.astype(float) @ axis_rgb)


def stripes_are_right(result: np.ndarray, triple: Triple) -> bool:
    """Tell whether the result's stripes run as the garment's do.

    The direction is the structure tensor's, in the chest's own frame.
    """
    pattern, frame, where = triple.top.pattern, triple.person.pose.chest, chest(triple)
    axis_rgb = np.subtract(pattern.rgb, triple.top.rgb) / 255
    slope_y, slope_x = (slope[where] for slope in gradients(result, axis_rgb))
    true_y, true_x = (slope[where] for slope in gradients(triple.target.rgb, axis_rgb))
    energy, true_energy = (slope_y**2 + slope_x**2).sum(), (true_y**2 + true_x**2).sum()
    across = 0.5 * np.arctan2(2 * (slope_x * slope_y).sum(), (slope_x**2 - slope_y**2).sum())
    slope = np.deg2rad(DIRECTIONS[pattern.direction])
    along = np.array([[np.cos(slope), -np.sin(slope)], [0, 0]])
    ends = frame.points(along)
    dx, dy = ends[0] - ends[1]
    expected = np.arctan2(dy, dx) + np.pi / 2
    off = np.rad2deg(abs((across - expected + np.pi / 2) % np.pi - np.pi / 2))
    return bool(off < DIRECTION_TOLERANCE and energy > LEAST_CONTRAST * true_energy)


def logo_is_right(result: np.ndarray, triple: Triple) -> bool:
    """Tell whether the logo is there, in its colour and place."""
    pattern, frame = triple.top.pattern, triple.person.pose.chest
    where = triple.target.clothes > 127
    outline = logo_outline(pattern.shape, 1.6 * pattern.size) + [PLACES[pattern.place], LOGO_V]
    where &= stencil(frame.points(outline), where.shape)

    def printed(picture: np.ndarray) -> np.ndarray:
        to_print, to_cloth = (
            np.linalg.norm(picture[where].astype(float) - colour, axis=-1)
            for colour in (pattern.rgb, triple.top.rgb)
        )
        return to_print < to_cloth

    got, true = printed(result), printed(triple.target.rgb)
    return bool((got & true).sum() >= LEAST_OVERLAP * (got | true).sum() > 0)
