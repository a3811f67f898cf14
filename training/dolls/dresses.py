"""Dresses: a top's shoulders and sleeves, and a skirt to the knee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .canvas import Canvas, smooth_line
from .palette import CLOTH, varied
from .pose import TORSO, Pose, flat_pose
from .prints import drawn_pattern
from .tops import NECKLINES, SLEEVES, Top, armhole, lay

LENGTHS = {"short": 80.0, "": 94.0}
WAIST = 34.0


@dataclass(frozen=True)
class Dress(Top):
    """A top that goes on over the hips. `flare` is half the hem's width in units."""

    kind: ClassVar[str] = "dress"
    flare: float

    def body(self, pose: Pose) -> np.ndarray:
        """Return all but the sleeves in picture points: the skirt hangs straight down."""
        waist = [17.0 * self.fit, WAIST]
        right = np.concatenate(
            [[[9.5, -7]], smooth_line(armhole(self.sleeves, self.fit) + [waist])]
        )
        hem = LENGTHS[self.length] - TORSO
        skirt = np.array([[self.flare, hem], [self.flare * 0.55, hem + 2.2], [0, hem + 3]])
        mirror = [[-1, 1]]
        hanging = pose.pelvis.origin + pose.scale * np.concatenate([skirt, skirt[-2::-1] * mirror])
        bodice = pose.chest.points(right), pose.chest.points(right[::-1] * mirror)
        return np.concatenate([bodice[0], hanging, bodice[1]])

    def draw_flat(self, canvas: Canvas) -> None:
        """Draw it as it lies on a table."""
        lay(canvas, self, flat_pose(canvas.width, canvas.height, top=0.2))


def drawn_dress(rng: np.random.Generator) -> Dress:
    """Return a random dress."""
    name = str(rng.choice(list(CLOTH)))
    rgb = varied(CLOTH[name], rng)
    return Dress(
        colour=name,
        rgb=rgb,
        sleeves=str(rng.choice(list(SLEEVES), p=[0.35, 0.4, 0.25])),
        length=str(rng.choice(list(LENGTHS), p=[0.35, 0.65])),
        neckline=str(rng.choice(NECKLINES)),
        fit=rng.uniform(0.97, 1.08),
        flare=rng.uniform(28, 34),
        pattern=drawn_pattern(rng, rgb),
    )
