"""The rows of the table: the method, and the method with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from any2any_core.layout import ANY2ANY, CANVAS, ISOLATED, Layout
from any2any_core.panels import GARMENT, PERSON
from any2any_core.positions import Grid, image_ids

from ..batches import GRID


@dataclass(frozen=True)
class Row:
    """One way to train.

    layout: whose ids and attention; clean: the conditions, not noised to the target's level;
    together: person and garment are encoded as one picture; beside: the person has columns of its
    own, right of the target's, and the garment those after it; pitch: columns from each panel's
    first to the next one's, where they are not the panel's own.
    """

    name: str
    title: str
    layout: str = ANY2ANY
    clean: bool = True
    together: bool = True
    beside: bool = False
    pitch: int = 0

    @property
    def isolated(self) -> bool:
        return self.layout == ISOLATED

    def ids(self, target: Grid, person: Grid, garment: Grid) -> torch.Tensor:
        """Return [N,3] ids of target, person and garment, the core's own but for `beside`."""
        layout = Layout(self.layout, (PERSON, GARMENT))
        ids, _ = image_ids(layout, target, [person, garment])
        if self.beside:
            ids[target.tokens :, 2] += target.token_w
        if self.pitch:
            ids[target.tokens :, 2] += self.pitch - target.token_w
            ids[target.tokens + person.tokens :, 2] += self.pitch - person.token_w
        return ids


FULL = Row("full", "full")
ROWS = {
    row.name: row
    for row in (
        FULL,
        Row("canvas", "without adaptive positions", layout=CANVAS),
        Row("noised", "without clean latents", clean=False),
        Row("beside", "person beside the target", beside=True),
        Row("separate", "encoded separately", together=False),
        Row("isolated", "isolated conditions", layout=ISOLATED),
    )
}

SPREAD = replace(
    ROWS["canvas"],
    name="spread",
    title="... its panels as far apart as trained",
    pitch=GRID.token_w,
)
AGAIN = {"canvas": SPREAD}
"""A trained row that is sampled once more, with other ids than it was trained with."""
