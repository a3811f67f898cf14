"""Results and truth, matched by the names in the list of pairs; whatever does not fit is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from any2any_core.geometry import Size
from any2any_core.pairs import NamedPair, picture_file


@dataclass(frozen=True)
class Match:
    """A result and the true picture that it is held against."""

    name: str
    result: Path
    truth: Path


@dataclass(frozen=True)
class Matches:
    """A test set: what can be compared, and a line for each picture that cannot."""

    found: tuple[Match, ...]
    faults: tuple[str, ...]
    size: Size | None
    """Of the results, in pixels; None where there are none."""


def matches(pairs: Iterable[NamedPair], results: Path, truth: Path) -> Matches:
    """Return the pairs' pictures, known by the person's name in both folders.

    All results have one size, that of most of them. A truth may be of any size of their shape.
    """
    found, faults = [], []
    for pair in pairs:
        files = [picture_file(folder, pair.person) for folder in (results, truth)]
        faults += [
            f"{folder / pair.name}.*: missing"
            for folder, file in zip((results, truth), files)
            if file is None
        ]
        if None not in files:
            found.append(Match(pair.name, *files))
    sizes = {file: size_or_fault(file) for one in found for file in (one.result, one.truth)}
    faults += [f"{file}: {fault}" for file, fault in sizes.items() if isinstance(fault, str)]
    found = [one for one in found if not isinstance(sizes[one.result], str)]
    found = [one for one in found if not isinstance(sizes[one.truth], str)]
    size = usual_size([sizes[one.result] for one in found])
    fitting = []
    for one in found:
        if sizes[one.result] != size:
            faults.append(f"{one.result}: {sizes[one.result]}, but the other results are {size}")
        elif width_at(sizes[one.truth], size.height) != size.width:
            faults.append(
                f"{one.truth}: {sizes[one.truth]}, but a picture of the results' shape {size} was "
                "expected"
            )
        else:
            fitting.append(one)
    return Matches(tuple(fitting), tuple(faults), size)


def size_or_fault(file: Path) -> Size | str:
    """Return a picture's size, or why it has none."""
    try:
        with Image.open(file) as picture:
            return Size(*picture.size)
    except (OSError, ValueError, SyntaxError) as error:
        return f"no picture that can be read ({error})"


def usual_size(sizes: Sequence[Size]) -> Size | None:
    """Return the size that most have."""
    return Counter(sizes).most_common(1)[0][0] if sizes else None


def width_at(size: Size, height: int) -> int:
    """Return the width in pixels of a picture that is scaled to a height, as CatVTON rounds it."""
    return int(size.width * height / size.height)
