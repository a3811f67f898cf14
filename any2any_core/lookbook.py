"""A lookbook: which person meets which garment, and what tells one picture's making from another's.

A pair's file carries the digest of everything that went into it. So a picture that is in the folder
already need not be made again, and any change makes new ones beside the old.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .digests import digest, weights_digest

ALL = "all"
ONE_TO_ONE = "one to one"
PAIRS = (ALL, ONE_TO_ONE)


@dataclass(frozen=True)
class Pair:
    """A person and a garment by their places, from 0."""

    person: int
    garment: int

    def __str__(self) -> str:
        return f"p{self.person + 1:02}_g{self.garment + 1:02}"


def lookbook_pairs(people: int, garments: int, how: str) -> list[Pair]:
    """Return the pairs, person by person, for numbers of people and garments.

    Raises:
        ValueError: there is nobody or nothing to wear, or one to one and the numbers differ.
    """
    if people == 0 or garments == 0:
        raise ValueError(
            f"people has {people} pictures and garments has {garments}, but at least one of each "
            "was expected: look at the nodes that load them."
        )
    if how == ALL:
        return [Pair(person, garment) for person in range(people) for garment in range(garments)]
    if people != garments:
        raise ValueError(
            f"people has {people} pictures and garments has {garments}, but one to one needs as "
            "many of one as of the other: add or take some away, or set pairs to all."
        )
    return [Pair(place, place) for place in range(people)]


def single_pictures(entries: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return the pictures [1,H,W,C] of a list of batches [B,H,W,C], in order."""
    return [picture for batch in entries for picture in batch.split(1)]


def only_entry(entries: Sequence, what: str) -> Any:
    """Return the one entry of a list.

    Raises:
        ValueError: it has more.
    """
    if len(entries) > 1:
        raise ValueError(
            f"{what} is a list of {len(entries)}, but one for the whole lookbook was expected: "
            "only people and garments may be lists, so use one lookbook for each."
        )
    return entries[0]


def source_digests(
    sources: dict[str, Any],
    node_of: Callable[[str], dict],
    files_of: Callable[[str], Sequence[Path]] = lambda _: (),
) -> dict[str, str]:
    """Return, for each input, letters that stand for its past: every node, widget and link.

    Args:
        sources: inputs by name, each a link [node id, output] or a widget's value.
        node_of: gives a node by its id in a workflow's API form: `class_type` and `inputs`.
        files_of: gives the files of weights that a widget's text may name: a LoRA trained anew
            under its old name makes other pictures.
    """
    known: dict[str, str] = {}

    def past(value: Any) -> Any:
        if not is_link(value):
            files = files_of(value) if isinstance(value, str) else ()
            return [value, *map(weights_digest, files)] if files else value
        name, output = value
        if name not in known:
            node = node_of(name)
            inputs = {key: past(given) for key, given in node["inputs"].items()}
            known[name] = digest([node["class_type"], inputs])
        return {"from": known[name], "output": output}

    return {name: digest(past(source)) for name, source in sources.items()}


def is_link(value: Any) -> bool:
    """Return whether an input of a workflow's API form is a link [node id, output]."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    )


def look_files(
    prefix: Path, pairs: Sequence[Pair], people: Sequence[str], garments: Sequence[str], making: Any
) -> list[Path]:
    """Return each pair's file: its name says which pair, and the digest of all that makes it.

    Args:
        prefix: folder and beginning of the names.
        people, garments: the pictures' digests.
        making: whatever else the pictures depend on, JSON-like.
    """
    names = [
        f"{prefix.name}_{pair}_{digest([making, people[pair.person], garments[pair.garment]])}.png"
        for pair in pairs
    ]
    return [prefix.with_name(name) for name in names]
