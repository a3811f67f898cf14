"""Try-ons of tops at other sizes than the dolls' own, as latents, drawn and encoded once.

On one size a learner takes the distance between two places for the place itself: on a wider wall
it dresses nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from any2any_core.geometry import LATENT_PIXELS, TOKEN_PIXELS, Size
from any2any_core.panels import joined_picture, prepare_panels
from any2any_core.positions import Grid

from .autoencoder import Autoencoder
from .batches import GRID, Batch, Drawing, panels_tokens, tryon
from .demo_nodes import images, pictures
from .dolls.frames import changed_clothes, reframed
from .dolls.people import HEIGHT, WIDTH
from .dolls.pictures import Triple, drawn_triple
from .pool import CHUNK, encoded, joined, make_chunks, read_chunks, token_share

SEED = 5_000_000
OWN = Size(WIDTH, HEIGHT)
SECOND_PASS = Size(216, 288)
"""Made from a latent 1.5 times as large as its conditions, which stay as they are."""
SIZES = (Size(192, 192), Size(256, 192), Size(112, 192), Size(192, 256), SECOND_PASS)
"""Square, wide, narrow, larger: more wall beside the doll or less, or all of it scaled."""


@dataclass(frozen=True, eq=False)
class Sized:
    """N try-ons of one size.

    target, person, garment: latents [N,16,h,w] as the transformer sees them, bfloat16, even in
    both sides; clothes: the share of each target token's pixels where they are put on or off [N,T].
    """

    target: torch.Tensor
    person: torch.Tensor
    garment: torch.Tensor
    clothes: torch.Tensor

    def rows(self, rows: slice | torch.Tensor) -> Sized:
        """Return some of the try-ons."""
        return Sized(**{name: latents[rows] for name, latents in vars(self).items()})

    @property
    def panels(self) -> tuple[torch.Tensor, ...]:
        return self.target, self.person, self.garment

    @property
    def grids(self) -> list[Grid]:
        """Return the grids of target, person and garment."""
        return [Grid(panel.shape[2] // 2, panel.shape[3] // 2) for panel in self.panels]


class SizedBatches(Drawing):
    """Draws batches from the try-ons of all sizes."""

    def __init__(self, pools: list[Sized], seed: int):
        super().__init__(seed)
        self.pools = pools

    def tryons(self, count: int) -> Batch:
        """Return try-ons of one size, about as many tokens as `count` of the dolls' own have."""
        pool = self.pools[self.draw(len(self.pools), 1)]
        grids = pool.grids
        share = 3 * GRID.tokens / sum(grid.tokens for grid in grids)
        drawn = pool.rows(self.draw(len(pool.target), max(1, round(count * share))))
        return tryon(panels_tokens(*drawn.panels), drawn.clothes.float(), grids)


def conditions_size(size: Size) -> Size:
    """Return the size at which the conditions of a target of that size are encoded."""
    return OWN if size == SECOND_PASS else size


def whole_tokens(latents: torch.Tensor) -> torch.Tensor:
    """Return latents [N,16,h,w] with odd sides one longer, as ComfyUI's Flux makes them."""
    height, width = latents.shape[-2:]
    return F.pad(latents, (0, width % 2, 0, height % 2), mode="circular")


def changed_share(triple: Triple, size: Size) -> torch.Tensor:
    """Return the share [T] of each target token's pixels where clothes are put on or off."""
    clothes = changed_clothes(triple, size)
    more = [(0, -side % TOKEN_PIXELS) for side in clothes.shape]
    return token_share(np.pad(clothes, more))


def drawn_sized(autoencoder: Autoencoder, number: int, size: Size) -> dict[str, torch.Tensor]:
    """Return `CHUNK` try-ons of a size; size and number are part of the seeds."""
    first = SEED + 100_000 * SIZES.index(size) + CHUNK * number
    triples = [drawn_triple(first + i) for i in range(CHUNK)]
    seen = conditions_size(size)
    persons = [reframed(triple.source.rgb, seen) for triple in triples]
    targets = [reframed(triple.target.rgb, size) for triple in triples]
    panels = prepare_panels(seen, images(persons), [images([t.flat.rgb for t in triples])])
    together = encoded(autoencoder, pictures(joined_picture(panels)))
    columns = seen.width // LATENT_PIXELS
    return {
        "target": whole_tokens(encoded(autoencoder, targets)),
        "person": together[..., :columns].contiguous(),
        "garment": together[..., columns:].contiguous(),
        "clothes": torch.stack([changed_share(triple, size) for triple in triples]),
    }


def make_sized(work: Path, autoencoder: Autoencoder, chunks: int) -> None:
    """Draw and encode `chunks` hundred try-ons of every size, those that are not there yet."""
    for size in SIZES:
        make_chunks(work, f"sized-{size}", autoencoder, chunks, partial(drawn_sized, size=size))


def read_sized(work: Path) -> list[Sized] | None:
    """Return the try-ons of each size, if all are in the work folder."""
    found = [read_chunks(work, f"sized-{size}") for size in SIZES]
    return [Sized(**joined(chunks)) for chunks in found] if all(found) else None
