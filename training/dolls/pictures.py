"""Paper dolls: a person, a garment worn and laid flat, and the true answer of every try-on.

Everything is drawn from one seed. A person may be drawn in any clothes, so that the same person
in two tops differs in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from .canvas import Canvas
from .dresses import Dress
from .jackets import Jacket, draw_front, draw_jacket_sleeve
from .palette import Colour, darker
from .people import (
    HEIGHT,
    WIDTH,
    Person,
    draw_arm,
    draw_back_hair,
    draw_head,
    draw_torso,
    drawn_person,
)
from .prints import LOGO_V, PLACES
from .tops import Top, draw_body, draw_sleeve, drawn_top
from .trousers import Trousers, draw_legs

WHITE: Colour = (255, 255, 255)
PAPER_EDGE = 5
"""Width in px of the white rim that scissors leave around a doll, and a little (odd)."""
Garment = Top | Trousers | Dress | Jacket


@dataclass(frozen=True)
class Picture:
    """A drawing [h,w,3], and by kind of garment where it shows [h,w], all uint8 (0..255)."""

    rgb: np.ndarray
    masks: dict[str, np.ndarray]

    @property
    def clothes(self) -> np.ndarray:
        """Where the top shows [h,w]."""
        return self.masks[Top.kind]


@dataclass(frozen=True)
class Triple:
    """One try-on with its answer: `target` is `person` in `top`, as `flat` shows it."""

    person: Person
    top: Top
    other_top: Top
    source: Picture
    flat: Picture
    target: Picture

    @property
    def caption(self) -> str:
        return caption(self.person, self.top)

    @property
    def logo_centre(self) -> tuple[float, float] | None:
        """(x, y) px of the logo in the target, if there is one."""
        if self.top.pattern.kind != "logo":
            return None
        place = PLACES[self.top.pattern.place]
        return tuple(self.person.pose.chest.points([[place, LOGO_V]])[0])


def caption(person: Person, upper: Top | Dress, jacket: Jacket | None = None) -> str:
    """Return the words for a picture of the person in a top or a dress, with a jacket over it."""
    over = f"{jacket.words} over " if jacket else ""
    return f"{person.words}, wearing {over}{upper.words}"


def flat_caption(garment: Garment) -> str:
    """Return the words for a picture of the garment alone."""
    return f"{garment.words}, laid flat on white"


def worn(person: Person, upper: Top | Dress, jacket: Jacket | None = None) -> Picture:
    """Return the person wearing a top or a dress, with a jacket over it if there is one."""
    canvas, pose, skin = Canvas(WIDTH, HEIGHT, WHITE), person.pose, person.skin_rgb
    draw_back_hair(canvas, person)
    draw_legs(canvas, person.trousers, pose, person.stance, skin)
    draw_torso(canvas, person)
    draw_body(canvas, upper, pose, skin)
    if jacket:
        draw_front(canvas, jacket, pose)
    for arm in pose.arms:
        draw_arm(canvas, arm, skin)
        draw_sleeve(canvas, upper, arm)
        if jacket:
            draw_jacket_sleeve(canvas, jacket, arm)
    draw_head(canvas, person)
    return cut_out(canvas, person.background_rgb)


def flat(garment: Garment) -> Picture:
    """Return the garment laid flat on white."""
    canvas = Canvas(WIDTH, HEIGHT, WHITE)
    garment.draw_flat(canvas)
    rgb, masks, _ = canvas.finished()
    return Picture(rgb, masks)


def drawn_triple(seed: int) -> Triple:
    """Return the try-on of a seed; the same seed always gives the same pictures."""
    rng = np.random.default_rng(seed)
    person, top, other_top = drawn_person(rng), drawn_top(rng), drawn_top(rng)
    return Triple(person, top, other_top, worn(person, other_top), flat(top), worn(person, top))


def cut_out(canvas: Canvas, background: Colour) -> Picture:
    """Return the figure with its paper rim, standing on a floor before a wall."""
    rgb, masks, figure = canvas.finished()
    paper = Image.fromarray(figure).filter(ImageFilter.MaxFilter(PAPER_EDGE))
    paper = np.asarray(paper.filter(ImageFilter.BoxBlur(0.6)))[..., None] / 255.0
    scene = np.empty((HEIGHT, WIDTH, 3))
    scene[: HEIGHT * 7 // 8] = background
    scene[HEIGHT * 7 // 8 :] = darker(background, 0.82)
    rgb = rgb * paper + scene * (1 - paper)
    return Picture(np.round(rgb).astype(np.uint8), masks)
