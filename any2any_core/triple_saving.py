"""Triples into a folder: whole or not at all, never over what is there.

The pictures are written under a hidden name first, then take their own, and the line in
captions.jsonl comes last. A run that is cut off between leaves whole pictures without a line, which
the same run, started again, takes for its own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from .digests import digest, picture_digest
from .images import checked_image, to_pil
from .pairs import ENDINGS
from .panels import PERSON
from .triple_folder import (
    CAPTIONS,
    Line,
    files_task,
    lacking,
    made_triple,
    read_lines,
)
from .triples import PICTURES, TARGET, Picture, Triple, misfits, picture_problem, refuse

NAME = re.compile(r"[\w-]([\w. -]{0,98}[\w-])?")
"""A file's name that every computer takes and that leaves no folder."""


def checked_name(name: str) -> str:
    """Return a triple's name, if its files can have it.

    Raises:
        ValueError: they cannot.
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"The triple's name is '{name}', but letters, digits, '_', '-', '.' and blanks were "
            "expected, at most 100, neither '.' nor a blank first or last: choose another name."
        )
    return name


def pixels_name(target: torch.Tensor, garment: torch.Tensor | None = None) -> str:
    """Return a name for a triple that the same pictures [B,H,W,C] always have."""
    pictures = [target] if garment is None else [target, garment]
    return digest([picture_digest(picture) for picture in pictures])


def kept_triple(folder: Path, name: str) -> Triple | None:
    """Return the triple of a name, if all of it is there, whole and with its line.

    Raises:
        ValueError: the name cannot be a file's.
    """
    lines, _ = read_lines(folder / CAPTIONS)
    line = (lines or {}).get(checked_name(name))
    if line is None:
        return None
    here = files_of(folder, name)
    if lacking(line, here) or any(map(picture_problem, here.values())):
        return None
    return made_triple(line, here)


def save_triple(folder: Path, line: Line, pictures: Mapping[str, torch.Tensor]) -> Triple:
    """Write the pictures [1,H,W,C] as person, garment and target, and the line; return the triple.

    What is there already with the very same pixels and words stays as it is. A line without a task
    gets the one that the pictures are for.

    Raises:
        ValueError: a name that cannot be a file's, pictures that the task has not or that do not
            fit each other, or other pictures or words under this name.
    """
    checked_name(line.name)
    line = replace(line, task=line.task or files_task(pictures))
    lines, problems = read_lines(folder / CAPTIONS)
    refuse(str(folder), problems)
    before = (lines or {}).get(line.name, line)
    if before != line:
        raise ValueError(
            f"{CAPTIONS} has {line.name} already, as {before.text.strip()}, and nothing is "
            "overwritten: choose another name, or take that line and its pictures out."
        )
    staging = folder / f".{line.name}.part"
    shutil.rmtree(staging, ignore_errors=True)  # of a run that was cut off
    staging.mkdir(parents=True)
    try:
        staged = {panel: written(staging, panel, one) for panel, one in pictures.items()}
        check(line, staged)
        kept = files_of(folder, line.name)
        new = {panel: one for panel, one in staged.items() if panel not in kept}
        for panel in staged.keys() - new.keys():
            check_same(kept[panel], staged[panel])
        for panel, picture in new.items():
            path = folder / panel / f"{line.name}.png"
            path.parent.mkdir(exist_ok=True)
            picture.source.replace(path)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if line.name not in (lines or {}):
        add_line(folder / CAPTIONS, line)
    return made_triple(line, files_of(folder, line.name))


def files_of(folder: Path, name: str) -> dict[str, Picture]:
    """Return a triple's pictures by kind, as far as they are there."""
    found = {}
    for panel in PICTURES:
        for path in (folder / panel / f"{name}{ending}" for ending in ENDINGS):
            if path.is_file():
                found[panel] = Picture(f"{panel}/{path.name}", path)
    return found


def written(staging: Path, panel: str, image: torch.Tensor) -> Picture:
    """Write one picture under a hidden name.

    Raises:
        ValueError: it is none, or it is several.
    """
    image = checked_image(image, panel)
    if len(image) != 1:
        raise ValueError(
            f"{panel} is a batch of {len(image)} pictures, but one was expected: a triple has one "
            "name, so make a list of the batch (RebatchImages with batch_size 1)."
        )
    path = staging / f"{panel}.png"
    to_pil(image[0]).save(path, compress_level=4)
    return Picture(panel, path)


def check(line: Line, staged: Mapping[str, Picture]) -> None:
    if problem := lacking(line, staged):
        raise ValueError(problem)
    refuse(line.name, misfits(made_triple(line, staged)))
    if PERSON in staged and same_pixels(staged[PERSON], staged[TARGET]):
        raise ValueError(
            f"The person of {line.name} is the target itself, but the same person in other "
            "clothes was expected: look whether the clothes were masked before they were inpainted."
        )


def check_same(kept: Picture, new: Picture) -> None:
    """Raise ValueError unless the two have the same pixels."""
    if problem := picture_problem(kept):
        raise ValueError(problem)
    if not same_pixels(kept, new):
        raise ValueError(
            f"{kept.where} is there already and is another picture, and nothing is overwritten: "
            "choose another name, or take that triple out."
        )


def same_pixels(one: Picture, other: Picture) -> bool:
    return np.array_equal(one.opened(), other.opened())


def add_line(path: Path, line: Line) -> None:
    """Put a line at a captions file's end; the file is the old or the new one at any moment."""
    before = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    part = path.with_name(f".{path.name}.part")
    part.write_text(before + line.text, encoding="utf-8", newline="\n")
    part.replace(path)
