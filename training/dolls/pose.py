"""How a doll stands: joints in pixels, and frames that carry cloth along with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UPPER_ARM, FOREARM = 27.0, 25.0
SHOULDER, TORSO, LEG = 20.0, 57.0, 66.0
ARM_ANGLES = {"down": (14, 10), "out": (42, 34), "hip": (46, -52), "wave": (62, 152)}
"""Upper arm and forearm, in degrees away from straight down, outwards."""


@dataclass(frozen=True)
class Frame:
    """A place on the body: `u` along `across`, `v` along `down`, one unit a doll's pixel."""

    origin: np.ndarray
    across: np.ndarray
    down: np.ndarray

    def points(self, uv: np.ndarray) -> np.ndarray:
        """Return [n,2] picture points (x, y) of [n,2] points (u, v)."""
        uv = np.asarray(uv, dtype=float)
        return self.origin + uv[:, :1] * self.across + uv[:, 1:] * self.down

    def moved(self, u: float, v: float) -> Frame:
        """Return the same frame from another origin."""
        return Frame(self.points([[u, v]])[0], self.across, self.down)


def turned(degrees: float, side: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (across, down) of a limb hanging at an angle outwards; `side` is -1 (left) or 1."""
    radians = np.deg2rad(degrees) * side
    down = np.array([np.sin(radians), np.cos(radians)])
    return np.array([down[1], -down[0]]) * scale, down * scale


@dataclass(frozen=True)
class Arm:
    """Upper arm and forearm; `v` runs from the shoulder on through both, so cloth goes on."""

    side: int
    upper: Frame
    fore: Frame

    @property
    def hand(self) -> np.ndarray:
        return self.fore.points([[0, UPPER_ARM + FOREARM + 2]])[0]


@dataclass(frozen=True)
class Pose:
    """One stance. `chest` lies between the shoulders; `scale` is picture pixels a unit."""

    chest: Frame
    arms: tuple[Arm, Arm]
    scale: float

    @property
    def pelvis(self) -> Frame:
        return self.chest.moved(0, TORSO)


def posed(
    chest: tuple[float, float], scale: float, lean: float, angles: list[tuple[float, float]]
) -> Pose:
    """Return the pose with its chest at (x, y) px.

    Args:
        lean: degrees that the torso tips sideways.
        angles: degrees of upper arm and forearm, left then right.
    """
    across, _ = turned(0, 1, scale)
    _, down = turned(lean, -1, scale)
    across = across + np.array([0, np.sin(np.deg2rad(lean)) * 0.5 * scale])
    frame = Frame(np.array(chest, dtype=float), across, down)
    arms = []
    for side, (upper_angle, fore_angle) in zip((-1, 1), angles):
        shoulder = frame.points([[side * SHOULDER, 4]])[0]
        upper = Frame(shoulder, *turned(upper_angle, side, scale))
        across, down = turned(fore_angle, side, scale)
        elbow = upper.points([[0, UPPER_ARM]])[0]
        arms.append(Arm(side, upper, Frame(elbow - UPPER_ARM * down, across, down)))
    return Pose(frame, (arms[0], arms[1]), scale)


def drawn_pose(rng: np.random.Generator, width: int, height: int) -> Pose:
    """Return a random stance that fits a picture of width x height px."""
    names = list(ARM_ANGLES)
    angles = []
    for chances in rng.choice(len(names), size=2, p=[0.36, 0.28, 0.22, 0.14]):
        upper, fore = ARM_ANGLES[names[chances]]
        angles.append((upper + rng.uniform(-6, 6), fore + rng.uniform(-8, 8)))
    scale = rng.uniform(0.92, 1.04) * height / 192
    chest = (width / 2 + rng.uniform(-6, 6), height - 7 - (TORSO + LEG) * scale)
    return posed(chest, scale, rng.uniform(-7, 7), angles)


def flat_pose(width: int, height: int, top: float = 0.3, scale: float = 1.16) -> Pose:
    """Return the stance of a garment laid flat: straight, arms half out, a little larger.

    The chest lies at the share `top` of the height.
    """
    return posed((width / 2, height * top), scale * height / 192, 0, [(36, 36), (36, 36)])
