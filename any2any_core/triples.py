"""Try-on data: what a triple is, and what is wrong with one.

A set is a sequence of `Triple`, read and checked by `triple_folder.folder_triples`:

    for triple in folder_triples(Path("my_set")):
        triple.name, triple.task     # "0001", "try-on"
        triple.prompt                # with the tags, as inference has it
        triple.target.opened()       # the picture to be made: PIL, 8-bit RGB, upright
        triple.person, triple.garment  # the conditions; None where the task has none
        triple.for_task("model-free")  # the same pictures for another task

Nothing is kept open or in memory: a `Picture` reads its file whenever it is opened.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageOps

from .geometry import TOKEN_PIXELS, Size, centred_margins, floor_to_token, strip_size
from .images import WHITE
from .panels import GARMENT, PERSON
from .prompts import TASKS, task_prompt

TARGET = "target"
PICTURES = (PERSON, GARMENT, TARGET)

TRY_ON = "try-on"
RECONSTRUCTION = "garment reconstruction"
MODEL_FREE = "model-free"

FORMATS = ("PNG", "JPEG", "WEBP")
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")
"""Pillow's modes of 8 bits a channel; it has no good way down from more."""

UPRIGHT_BY_TURNING = (5, 6, 7, 8)
"""EXIF orientations in which width and height change places."""
ORIENTATION = 0x0112

DAMAGED = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
"""What Pillow raises for what is no picture, or not a whole one."""


class Stored(Protocol):
    """A file's bytes, kept somewhere else; equal ones are the same picture."""

    def read_bytes(self) -> bytes: ...


@dataclass(frozen=True)
class Picture:
    """One picture of a set.

    Args:
        where: what messages call it, such as `person/0001.png`.
        source: its file, such a file's bytes, or what reads them.
        crop: keep the middle of this size.
    """

    where: str
    source: Path | bytes | Stored = field(repr=False)
    crop: Size | None = None

    @property
    def size(self) -> Size:
        """The size in pixels when upright, before `crop`; read from the file's first bytes."""
        with self.file() as file:
            turned = file.getexif().get(ORIENTATION) in UPRIGHT_BY_TURNING
            return Size(*(file.size[::-1] if turned else file.size))

    def opened(self) -> Image.Image:
        """Return the picture as 8-bit RGB, upright, with transparency laid on white."""
        with self.file() as file:
            upright = ImageOps.exif_transpose(file)
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", upright.size, WHITE), upright)
        upright = upright.convert("RGB")
        if self.crop is None:
            return upright
        margins = centred_margins(self.crop, Size(*upright.size))
        box = (margins.left, margins.top)
        return upright.crop((*box, box[0] + self.crop.width, box[1] + self.crop.height))

    def file(self) -> Image.Image:
        source = self.source
        if not isinstance(source, Path):
            source = io.BytesIO(source if isinstance(source, bytes) else source.read_bytes())
        return Image.open(source, formats=FORMATS)


@dataclass(frozen=True)
class Triple:
    """One example: `target` is the picture to be made of person and garment, or of one of them.

    Captions are the pictures' own words, `caption` the target's; an empty one takes the task's
    usual words in the prompt.
    """

    name: str
    task: str
    person: Picture | None
    garment: Picture | None
    target: Picture
    caption: str = ""
    person_caption: str = ""
    garment_caption: str = ""

    @property
    def prompt(self) -> str:
        return task_prompt(self.task, self.person_caption, self.garment_caption, self.caption)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures that there are: conditions first, as they are packed."""
        return tuple(one for one in (self.person, self.garment, self.target) if one)

    def serves(self, task: str) -> bool:
        """Return whether its pictures are an example of a task, its own or another."""
        needed = task_pictures(task)
        return needed == task_pictures(self.task) or len(needed) == 1

    def for_task(self, task: str) -> Triple:
        """Return the pictures as an example of another task.

        Whoever wears the garment, and the garment laid flat, make an example of each other.

        Raises:
            ValueError: an unknown task, or one that needs a picture more.
        """
        needed = task_pictures(task)
        if needed == task_pictures(self.task):
            return replace(self, task=task)
        if not self.serves(task):
            raise ValueError(
                f"{self.name} is a triple for {self.task}, but {task} needs the person in other "
                "clothes too: leave that task out, or add the picture."
            )
        if self.garment is None:
            worn, flat = self.person, self.target
            worn_words, flat_words = self.person_caption, self.caption
        else:
            worn, flat = self.target, self.garment
            worn_words, flat_words = self.caption, self.garment_caption
        if needed == (PERSON,):
            return Triple(self.name, task, worn, None, flat, flat_words, worn_words)
        return Triple(self.name, task, None, flat, worn, worn_words, "", flat_words)


def chosen(triples: Sequence[Triple], task: str, skip: int = 0, most: int = 0) -> list[Triple]:
    """Return the triples that serve a task, as examples of it: all after `skip`, or `most` of them.

    Raises:
        ValueError: there is none.
    """
    serving = [one.for_task(task) for one in triples if one.serves(task)]
    kept = serving[skip : skip + most if most else None]
    if not kept:
        raise ValueError(
            f"Of {len(triples)} triples {len(serving)} serve {task} and {skip} are skipped, but at "
            "least one to give out was expected: choose another task, or skip fewer."
        )
    return kept


def task_pictures(task: str) -> tuple[str, ...]:
    """Return which conditions a task has: person, garment or both.

    Raises:
        ValueError: an unknown task.
    """
    if task not in TASKS:
        raise ValueError(
            f"The task is '{task}', but one of {', '.join(TASKS)} was expected: choose one."
        )
    here = {PERSON: TASKS[task].person, GARMENT: TASKS[task].garment}
    return tuple(role for role, words in here.items() if words is not None)


def picture_problem(picture: Picture) -> str | None:
    """Return what is wrong with a picture, a sentence; None if it can be read to its end."""
    try:
        with picture.file() as file:
            if file.mode not in MODES:
                return (
                    f"{picture.where} has pixels of the kind {file.mode}, but 8 bits a channel "
                    "were expected: save it as RGB."
                )
            file.draft(None, (1, 1))  # a JPEG is read in an eighth of its size: twice as fast
            file.load()
        size = picture.size
    except DAMAGED as error:
        return (
            f"{picture.where} cannot be read ({error}), but a whole PNG, JPEG or WebP picture was "
            "expected: replace it, or take the triple out."
        )
    if min(size.width, size.height) < TOKEN_PIXELS:
        return (
            f"{picture.where} is {size} pixels, but at least {TOKEN_PIXELS} each way were "
            "expected: replace it, or take the triple out."
        )
    return None


def picture_problems(pictures: Iterable[Picture]) -> dict[Picture, str]:
    """Return what is wrong with which pictures; several are read at a time."""
    pictures = list(pictures)
    with ThreadPoolExecutor() as pool:
        found = zip(pictures, pool.map(picture_problem, pictures))
        return {picture: problem for picture, problem in found if problem}


def misfits(triple: Triple) -> list[str]:
    """Return what keeps a triple's sound pictures from being packed together, a sentence each."""
    target, problems = triple.target.size, []
    if triple.person and triple.garment:
        person = triple.person.size
        if person not in (target, token_size(target)):
            problems.append(
                f"{triple.person.where} is {person} pixels and {triple.target.where} is {target}, "
                "but one size was expected, or the target's cropped to multiples of "
                f"{TOKEN_PIXELS}: scale and crop both alike."
            )
    for picture in (triple.garment, None if triple.garment else triple.person):
        if picture:
            problems += strip_problems(picture, target)
    return problems


def strip_problems(picture: Picture, target: Size) -> list[str]:
    try:
        strip_size(picture.size, target, picture.where)
    except ValueError as error:
        return [str(error)]
    return []


def token_size(size: Size) -> Size:
    return Size(floor_to_token(size.width), floor_to_token(size.height))


def aligned(triple: Triple) -> Triple:
    """Return a sound triple with the target cropped to the person's size.

    Published sets have people whose clothes were changed in a picture that had been cropped to
    multiples of 16 before, and the targets as they were.
    """
    if not (triple.person and triple.garment):
        return triple
    person = triple.person.size
    if triple.target.size == person:
        return triple
    return replace(triple, target=replace(triple.target, crop=person))


def sound_triples(
    where: str,
    triples: Sequence[Triple],
    problems: Iterable[str],
    damaged: Collection[Picture],
) -> tuple[Triple, ...]:
    """Return a set's triples, aligned, if nothing is wrong with it.

    Args:
        where: what messages call the set.
        problems: what is wrong so far, the damaged pictures' included.
        damaged: the pictures that no size can be asked of.

    Raises:
        ValueError: all that is wrong, what does not fit together included.
    """
    whole = [one for one in triples if not any(picture in damaged for picture in one.pictures)]
    refuse(where, [*problems, *(problem for one in whole for problem in misfits(one))])
    return tuple(map(aligned, triples))


def refuse(where: str, problems: Iterable[str]) -> None:
    """Raise ValueError with all problems, a line each, if there are any."""
    lines = list(problems)
    if lines:
        count = "a problem" if len(lines) == 1 else f"{len(lines)} problems"
        raise ValueError("\n- ".join([f"{where} has {count}:", *lines]))
