"""Paper dolls: a person, a top worn and laid flat, and the true answer of every try-on.

Everything is drawn from one seed. A person may be drawn in any top, so that the same person in
two tops differs in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from .canvas import Canvas, ellipse, smooth
from .palette import BACKGROUND, HAIR, INK, SKIN, TROUSERS, Colour, darker, varied
from .pose import FOREARM, LEG, UPPER_ARM, Arm, Pose, drawn_pose, flat_pose
from .wardrobe import LOGO_V, PLACES, Top, draw_body, draw_sleeve, drawn_top

HEIGHT, WIDTH = 192, 144
WHITE: Colour = (255, 255, 255)
PAPER_EDGE = 5
"""Width in px of the white rim that scissors leave around a doll, and a little (odd)."""
STYLES = {"woman": ("long", "bob", "bun", "curly"), "man": ("short", "curly", "no")}


@dataclass(frozen=True)
class Person:
    """Who stands where, without the top."""

    kind: str
    pose: Pose
    skin: str
    skin_rgb: Colour
    hair: str
    hair_rgb: Colour
    style: str
    trousers: str
    trousers_rgb: Colour
    background: str
    background_rgb: Colour
    stance: float

    @property
    def words(self) -> str:
        hair = "no hair" if self.style == "no" else f"{self.style} {self.hair} hair"
        return (
            f"a {self.kind} with {hair}, {self.skin} skin, {self.trousers} trousers, "
            f"{self.background} background"
        )


@dataclass(frozen=True)
class Picture:
    """A drawing [h,w,3] and where the top shows in it [h,w], both uint8 (0..255)."""

    rgb: np.ndarray
    clothes: np.ndarray


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


def caption(person: Person, top: Top) -> str:
    """Return the words for a picture of the person in the top."""
    return f"{person.words}, wearing {top.words}"


def flat_caption(top: Top) -> str:
    """Return the words for a picture of the top alone."""
    return f"{top.words}, laid flat on white"


def drawn_person(rng: np.random.Generator) -> Person:
    """Return a random person."""
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
        trousers=trousers,
        trousers_rgb=varied(TROUSERS[trousers], rng),
        background=background,
        background_rgb=varied(BACKGROUND[background], rng, 4),
        stance=rng.uniform(9, 15),
    )


def worn(person: Person, top: Top) -> Picture:
    """Return the person wearing the top."""
    canvas = Canvas(WIDTH, HEIGHT, WHITE)
    draw_back_hair(canvas, person)
    draw_legs(canvas, person)
    draw_torso(canvas, person)
    draw_body(canvas, top, person.pose, person.skin_rgb)
    for arm in person.pose.arms:
        draw_arm(canvas, arm, person.skin_rgb)
        draw_sleeve(canvas, top, arm)
    draw_head(canvas, person)
    return cut_out(canvas, person.background_rgb)


def flat(top: Top) -> Picture:
    """Return the top laid flat on white."""
    canvas = Canvas(WIDTH, HEIGHT, WHITE)
    pose = flat_pose(WIDTH, HEIGHT)
    for arm in pose.arms:
        draw_sleeve(canvas, top, arm)
    draw_body(canvas, top, pose, darker(top.rgb, 0.75))
    rgb, clothes, _ = canvas.finished()
    return Picture(rgb, clothes)


def drawn_triple(seed: int) -> Triple:
    """Return the try-on of a seed; the same seed always gives the same pictures."""
    rng = np.random.default_rng(seed)
    person, top, other_top = drawn_person(rng), drawn_top(rng), drawn_top(rng)
    return Triple(person, top, other_top, worn(person, other_top), flat(top), worn(person, top))


def cut_out(canvas: Canvas, background: Colour) -> Picture:
    """Return the figure with its paper rim, standing on a floor before a wall."""
    rgb, clothes, figure = canvas.finished()
    paper = Image.fromarray(figure).filter(ImageFilter.MaxFilter(PAPER_EDGE))
    paper = np.asarray(paper.filter(ImageFilter.BoxBlur(0.6)))[..., None] / 255.0
    scene = np.empty((HEIGHT, WIDTH, 3))
    scene[: HEIGHT * 7 // 8] = background
    scene[HEIGHT * 7 // 8 :] = darker(background, 0.82)
    rgb = rgb * paper + scene * (1 - paper)
    return Picture(np.round(rgb).astype(np.uint8), clothes)


def draw_legs(canvas: Canvas, person: Person) -> None:
    """Draw shoes and trousers; feet stand on the floor however the torso leans."""
    hip, scale = person.pose.pelvis, person.pose.scale
    line = darker(person.trousers_rgb)
    for side in (-1, 1):
        foot = hip.origin + np.array([side * person.stance, LEG - 2]) * scale
        sole = foot + np.array([side * 3, 0]) * scale
        canvas.shape(ellipse(*sole, 8 * scale, 4.5 * scale), INK, None)
        ankle = foot + np.array([[5.5, -3], [-5.5, -3]]) * scale
        outer, inner = hip.points([[side * 17.5, -8], [-side * 1.5, -8]])
        crotch = hip.origin + np.array([side * 0.5, 12]) * scale
        thigh = hip.origin + np.array([side * 18.5, 8]) * scale
        if side < 0:
            ankle = ankle[::-1]
        leg = np.array([outer, thigh, ankle[0], ankle[1], crotch, inner])
        canvas.shape(leg, person.trousers_rgb, line)


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
