"""A test set's list of pairs, such as VITON-HD's test_pairs.txt: a person and a garment a line.

Pictures are known by their files' names without the ending: the result of `00891_00.jpg` is
`00891_00.png`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
"""Endings under which a picture is looked for."""

SHOWN = 5
"""So many of a list's faults stand in its sentence."""


@dataclass(frozen=True)
class NamedPair:
    """A person's and a garment's file names, without folders."""

    person: str
    garment: str

    @property
    def name(self) -> str:
        """What the pair's result is called, without an ending."""
        return Path(self.person).stem


def pairs_in(path: Path, own_garments: bool = False) -> list[NamedPair]:
    """Return the pairs of a list, in its order; empty lines count for nothing.

    Args:
        own_garments: everybody in the garment of their own name, whatever the list says, as in
            VITON-HD's paired setting.

    Raises:
        ValueError: there is no such file, nothing in it, or a line that is no pair of file names
            or whose person stands in an earlier one.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} cannot be read ({error}), but a text file with a person's and a garment's "
            "file name on each line was expected: look at the path."
        ) from error
    numbered = [(number, line.split()) for number, line in enumerate(lines, 1) if line.split()]
    if faults := list(list_faults(numbered)):
        raise ValueError(
            f"{path.name} has {sentence_part(faults)}, but a person's and a garment's file name, "
            "each person once and without folders, was expected on each line: mend the list."
        )
    if not numbered:
        raise ValueError(
            f"{path.name} is empty, but a person's and a garment's file name were expected on each "
            "line: look whether it is the right file."
        )
    return [
        NamedPair(person, person if own_garments else garment) for _, (person, garment) in numbered
    ]


def list_faults(numbered: Sequence[tuple[int, list[str]]]) -> Iterator[str]:
    """Yield what is wrong with the lines, given with their numbers and split at blanks."""
    first: dict[str, int] = {}
    for number, names in numbered:
        if len(names) != 2:
            yield f"{len(names)} names on line {number}"
        elif outside := [name for name in names if not is_file_name(name)]:
            yield f"'{outside[0]}' on line {number}"
        elif (known := first.setdefault(NamedPair(*names).name, number)) != number:
            yield f"'{names[0]}' on the lines {known} and {number}"


def is_file_name(name: str) -> bool:
    """Return whether a name stays in its folder on every system."""
    return (
        name not in (".", "..") and PurePosixPath(name).name == PureWindowsPath(name).name == name
    )


def sentence_part(faults: Sequence[str]) -> str:
    """Return the faults as a part of a sentence; of many the first ones and how many more."""
    more = len(faults) - SHOWN
    shown = ", ".join(faults[:SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def picture_file(folder: Path, name: str) -> Path | None:
    """Return the picture of that name in the folder, or of that name with another ending."""
    stem = Path(name).stem
    for file in (name, *(f"{stem}{ending}" for ending in ENDINGS)):
        if (folder / file).is_file():
            return folder / file
    return None
