"""A set of triples as a plain folder.

    my_set/person/0001.png     who is to be dressed     (or .jpg, .jpeg, .webp)
    my_set/garment/0001.jpg    what they put on
    my_set/target/0001.png     the same person in it, and in the same place
    my_set/captions.jsonl      {"name": "0001", "caption": "a woman in a red top"}

One name a triple. A line of captions.jsonl may say more: `person_caption`, `garment_caption`, and a
`task` (see `prompts.TASKS`); a task without a person or a garment has no file for it there. Without
a task, the files that are there decide. captions.jsonl may be missing as a whole. Files whose names
begin with a dot, and what else lies in my_set, are not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from .digests import digest, file_facts
from .pairs import ENDINGS
from .panels import GARMENT, PERSON
from .prompts import TASKS
from .triples import (
    MODEL_FREE,
    PICTURES,
    RECONSTRUCTION,
    TARGET,
    TRY_ON,
    Picture,
    Triple,
    picture_problems,
    sound_triples,
    task_pictures,
)

CAPTIONS = "captions.jsonl"


@dataclass(frozen=True)
class Line:
    """One line of captions.jsonl."""

    name: str
    caption: str = ""
    person_caption: str = ""
    garment_caption: str = ""
    task: str = ""

    @property
    def text(self) -> str:
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        kept = {key: value for key, value in given.items() if value or key == "caption"}
        return json.dumps(kept, ensure_ascii=False) + "\n"


def folder_triples(folder: Path) -> tuple[Triple, ...]:
    """Return a folder's triples by name, all checked: every picture is read to its end.

    Raises:
        ValueError: all that is wrong, each with its file, or there is no triple.
    """
    if not (folder / TARGET).is_dir():
        raise ValueError(
            f"{folder} has no folder target, but a set of triples was expected, with the folders "
            "person, garment and target: choose another folder."
        )
    pictures, problems = listed_pictures(folder)
    lines, more = read_lines(folder / CAPTIONS)
    problems += more
    names = sorted({name for found in pictures.values() for name in found} | set(lines or {}))
    damaged = picture_problems(one for found in pictures.values() for one in found.values())
    problems += damaged.values()
    triples = []
    for name in names:
        here = {panel: found[name] for panel, found in pictures.items() if name in found}
        line = (lines or {}).get(name)
        if line is None and lines is not None:
            problems.append(
                f"{CAPTIONS} has no line for {name}, but {here_words(here)} is there: add one."
            )
        elif problem := lacking(line or Line(name), here):
            problems.append(problem)
        else:
            triples.append(made_triple(line or Line(name), here))
    if not names:
        problems.append("there is no picture in it: put the triples' pictures there.")
    return sound_triples(str(folder), triples, problems, damaged)


def files_stamp(folder: Path) -> str:
    """Return letters that change when a file of the set does: its name, size or time."""
    files = [folder / CAPTIONS]
    for panel in PICTURES:
        files += sorted((folder / panel).glob("[!.]*"))
    return digest(file_facts(filter(Path.is_file, files)))


def listed_pictures(folder: Path) -> tuple[dict[str, dict[str, Picture]], list[str]]:
    """Return each kind's pictures by name, and what lies among them that is none."""
    pictures: dict[str, dict[str, Picture]] = {panel: {} for panel in PICTURES}
    problems = []
    for panel, found in pictures.items():
        for path in sorted((folder / panel).iterdir()) if (folder / panel).is_dir() else ():
            where = f"{panel}/{path.name}"
            if path.name.startswith("."):
                continue
            if path.suffix.lower() not in ENDINGS or not path.is_file():
                problems.append(
                    f"{where} is no picture file, but {', '.join(ENDINGS)} were expected: take "
                    "it out."
                )
            elif path.stem in found:
                problems.append(
                    f"{where} has the name of {found[path.stem].where}, but one file a triple was "
                    "expected: take one out."
                )
            else:
                found[path.stem] = Picture(where, path)
    return pictures, problems


def read_lines(path: Path) -> tuple[dict[str, Line] | None, list[str]]:
    """Return the lines by name, None without a file, and what is wrong with them."""
    if not path.is_file():
        return None, []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return {}, [f"{path.name} is not in UTF-8 ({error}): save it as UTF-8."]
    lines: dict[str, Line] = {}
    problems = []
    for number, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            line = parsed_line(written)
            if line.name in lines:
                raise ValueError(f"{line.name} is there twice: take one out")
            lines[line.name] = line
        except ValueError as error:
            problems.append(f"{path.name} line {number}: {error}.")
    return lines, problems


def parsed_line(written: str) -> Line:
    try:
        given = json.loads(written)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON ({error.msg}), but an object was expected") from error
    if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not given["name"]:
        raise ValueError("it has no name, but an object with at least a name was expected")
    known = [one.name for one in fields(Line)]
    for key, value in given.items():
        if key not in known:
            raise ValueError(f"it has '{key}', but only {', '.join(known)} were expected")
        if not isinstance(value, str):
            raise ValueError(f"its {key} is {json.dumps(value)}, but a text was expected")
    if given.get("task", "") not in ("", *TASKS):
        raise ValueError(
            f"its task is '{given['task']}', but one of {', '.join(TASKS)} was expected"
        )
    return Line(**given)


def files_task(here: Collection[str]) -> str:
    """Return the task that pictures without one are for."""
    if GARMENT in here:
        return TRY_ON if PERSON in here else MODEL_FREE
    return RECONSTRUCTION if PERSON in here else TRY_ON


def lacking(line: Line, here: Mapping[str, Picture]) -> str | None:
    """Return what is wrong with a triple that lacks a picture or has one too many."""
    expected = (*task_pictures(line.task or files_task(here)), TARGET)
    if set(here) == set(expected):
        return None
    task = f" for {line.task}" if line.task else ""
    return (
        f"{line.name}{task} has {here_words(here)}, but {' and '.join(expected)} were expected: "
        "add what is missing, or take the rest out."
    )


def here_words(here: Mapping[str, Picture]) -> str:
    return " and ".join(one.where for one in here.values()) or "no picture"


def made_triple(line: Line, here: Mapping[str, Picture]) -> Triple:
    return Triple(
        name=line.name,
        task=line.task or files_task(here),
        person=here.get(PERSON),
        garment=here.get(GARMENT),
        target=here[TARGET],
        caption=line.caption,
        person_caption=line.person_caption,
        garment_caption=line.garment_caption,
    )
