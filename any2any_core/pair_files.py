"""The pictures of a test set's pairs, and which pairs have no result yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .pairs import NamedPair, picture_file, sentence_part
from .triples import Picture

ENDING = ".png"
"""Of a result's file."""


@dataclass(frozen=True)
class PairFiles:
    """A pair's pictures; `mask` is None where the set has none."""

    name: str
    person: Picture
    garment: Picture
    mask: Picture | None = None


def without_result(pairs: Iterable[NamedPair], results: Path) -> list[NamedPair]:
    """Return the pairs whose result is not in the folder, in their order."""
    return [pair for pair in pairs if not (results / f"{pair.name}{ENDING}").is_file()]


def pair_files(
    pairs: Sequence[NamedPair], people: Path, garments: Path, masks: Path | None = None
) -> list[PairFiles]:
    """Return the pairs' pictures. A mask is called as the person, or so with `_mask` after it.

    Raises:
        ValueError: a picture is missing; all that are missing are counted, the first ones named.
    """
    found, missing = [], []
    for pair in pairs:
        person, garment = picture_file(people, pair.person), picture_file(garments, pair.garment)
        mask = None
        if person is None:
            missing.append(f"{people.name}/{pair.person}")
        if garment is None:
            missing.append(f"{garments.name}/{pair.garment}")
        if masks is not None:
            mask = picture_file(masks, pair.person) or picture_file(masks, f"{pair.name}_mask.png")
            if mask is None:
                missing.append(f"{masks.name}/{pair.name}_mask.png")
        if person and garment:
            found.append(
                PairFiles(pair.name, picture(person), picture(garment), mask and picture(mask))
            )
    if missing:
        raise ValueError(
            f"The list names pictures that are not there ({sentence_part(missing)}), but all were "
            "expected: look at the folders, or take those lines out of the list."
        )
    return found


def picture(file: Path) -> Picture:
    return Picture(f"{file.parent.name}/{file.name}", file)
