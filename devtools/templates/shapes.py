"""What the front end makes of each node that the templates use: slots, widgets, smallest size.

`shapes.json` is measured in the real front end; the browser tests hold the two equal, and write
the file anew with ANY2ANY_MEASURE=1. Other front ends measure texts a little differently.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("shapes.json")


@dataclass(frozen=True)
class Shape:
    """A node as it comes out of the menu."""

    inputs: tuple[dict, ...]
    """Each socket as a saved workflow has it: name, type, widget or shape; without its link."""

    outputs: tuple[dict, ...]
    widgets: dict[str, Any]
    """Each saved widget's first value, in order."""

    unsent: frozenset[str]
    """Widgets that the front end keeps to itself."""

    size: tuple[float, float]
    """The smallest width and height in which everything shows, without the title."""

    def output_slot(self, name: str) -> int:
        return [output["name"] for output in self.outputs].index(name)


@dataclass(frozen=True)
class Measured:
    """What the file holds: the front end's version, and every node as it makes it."""

    front_end: str
    nodes: dict[str, dict]


def measured() -> Measured:
    return Measured(**json.loads(FILE.read_text(encoding="utf-8")))


@cache
def shapes() -> dict[str, Shape]:
    """Return every measured node's shape by its type."""
    return {
        name: Shape(
            tuple(one["inputs"]),
            tuple(one["outputs"]),
            one["widgets"],
            frozenset(one["unsent"]),
            tuple(one["size"]),
        )
        for name, one in measured().nodes.items()
    }
