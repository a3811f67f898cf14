"""The people among the paper dolls: who they are, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas, ellipse, smooth
from .palette import BACKGROUND, HAIR, INK, SKIN, TROUSERS, Colour, darker, varied
from .pose import FOREARM, UPPER_ARM, Arm, Pose, drawn_pose
from .trousers import Trousers

HEIGHT, WIDTH = 192, 144
STYLES = {"woman": ("long", "bob", "bun", "curly"), "man": ("short", "curly", "no")}


@dataclass(frozen=True)
class Person:
    """Who stands where, without what is worn above the trousers."""

    kind: str
    pose: Pose
    skin: str
    skin_rgb: Colour
    hair: str
    hair_rgb: Colour
    style: str
    trousers: Trousers
    background: str
    background_rgb: Colour
    stance: float

    @property
    def words(self) -> str:
        hair = "no hair" if self.style == "no" else f"{self.style} {self.hair} hair"
        return (
            f"a {self.kind} with {hair}, {self.skin} skin, {self.trousers.words}, "
            f"{self.background} background"
        )


def drawn_person(rng: np.random.Generator) -> Person:
    """Return a random person in plain long trousers."""
    kind = str(rng.choice(list(STYLES)))
    skin, hair, trousers, background = (
        str(rng.choice(list(names))) for names in (SKIN, HAIR, TROUSERS, BACKGROUND)
    )
    return Person(
        kind=kind,
        pose=drawn_pose(rng, WIDTH, HEIGHT),
        skin=skin,
        skin_rgb=varied(SKIN[skin], rng, 4),
        hair=hair,
        hair_rgb=varied(HAIR[hair], rng, 4),
        style=str(rng.choice(STYLES[kind])),
        trousers=Trousers(trousers, varied(TROUSERS[trousers], rng)),
        background=background,
        background_rgb=varied(BACKGROUND[background], rng, 4),
        stance=rng.uniform(9, 15),
    )


def draw_torso(canvas: Canvas, person: Person) -> None:
    """Draw neck, shoulders and belly."""
    chest, line = person.pose.chest, darker(person.skin_rgb, 0.75)
    belly = [[7, -14], [8, -5], [20, 0], [18, 16], [15.5, 38], [16.5, 52]]
    right = np.array(belly)
    outline = np.concatenate([right, right[::-1] * [[-1, 1]]])
    canvas.shape(chest.points(outline), person.skin_rgb, line)


def draw_arm(canvas: Canvas, arm: Arm, skin: Colour) -> None:
    """Draw a bare arm with its hand."""
    line = darker(skin, 0.75)
    end = UPPER_ARM + FOREARM
    elbow = arm.upper.points([[0, UPPER_ARM]])[0]
    middle = (arm.upper.across + arm.fore.across) / 2
    canvas.shape(ellipse(*arm.hand, *np.array([5.6, 5.6]) * np.linalg.norm(middle)), skin, line)
    outline = np.concatenate(
        [
            arm.upper.points([[-5, -3], [0, -5.5], [5, -3]]),
            [elbow + middle * 5.4],
            arm.fore.points([[4.2, end], [-4.2, end]]),
            [elbow - middle * 5.4],
        ]
    )
    canvas.shape(outline, skin, line)


def draw_back_hair(canvas: Canvas, person: Person) -> None:
    """Draw the hair that falls behind the shoulders."""
    head, line = person.pose.chest.moved(0, -25), darker(person.hair_rgb)
    if person.style == "long":
        outline = smooth([[0, -19], [17, -8], [20, 22], [15, 34], [-15, 34], [-20, 22], [-17, -8]])
    elif person.style == "bob":
        outline = smooth([[0, -19], [17, -7], [19, 12], [12, 17], [-12, 17], [-19, 12], [-17, -7]])
    elif person.style == "bun":
        outline = ellipse(0, -20, 8.5, 8)
    elif person.style == "curly":
        for angle in np.linspace(-2.5, 2.5, 9):
            centre = head.points([[17 * np.sin(angle), -3 - 15 * np.cos(angle)]])[0]
            canvas.shape(ellipse(*centre, *[7.5 * person.pose.scale] * 2), person.hair_rgb, line)
        return
    else:
        return
    canvas.shape(head.points(outline), person.hair_rgb, line)


def draw_head(canvas: Canvas, person: Person) -> None:
    """Draw face and fringe."""
    head, line = person.pose.chest.moved(0, -25), darker(person.skin_rgb, 0.75)
    canvas.shape(head.points(ellipse(0, 0, 14, 16)), person.skin_rgb, line)
    blush = tuple(int(0.7 * c + 0.3 * r) for c, r in zip(person.skin_rgb, (236, 92, 92)))
    for side in (-1, 1):
        canvas.shape(head.points(ellipse(side * 5.4, 1, 1.7, 2.2)), INK, None)
        canvas.shape(head.points(ellipse(side * 8.4, 6.5, 2.6, 1.9)), blush, None)
    smile = np.linspace(-1, 1, 9)
    mouth = np.stack([smile * 4.6, 9.6 - 2.4 * smile**2], axis=1)
    canvas.stroke(head.points(mouth), (150, 44, 52), 1.4)
    if person.style == "no":
        return
    reach = 2 if person.style == "short" else 0
    fringe = [[-14.6, -1 + reach], [-13, -11], [-6, -17.5], [4, -18], [12, -12.5]]
    fringe += [[14.6, -1 + reach], [10.5, -6], [3, -9], [-6, -7.5], [-11, -4]]
    canvas.shape(head.points(smooth(fringe)), person.hair_rgb, darker(person.hair_rgb))
