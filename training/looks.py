"""The second pool: everybody in four looks, and each garment of theirs laid flat.

Nine pictures a person, for the garments beside tops: trousers, a dress, a jacket over the top.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch

from any2any_core.demo_text import token_ids

from .autoencoder import Autoencoder
from .dolls.dresses import drawn_dress
from .dolls.jackets import drawn_jacket
from .dolls.people import Person, drawn_person
from .dolls.pictures import Garment, Picture, caption, flat, flat_caption, worn
from .dolls.tops import drawn_top
from .dolls.trousers import drawn_trousers
from .pool import (
    CHUNK,
    encoded,
    encoded_beside_white,
    joined,
    make_chunks,
    read_chunks,
    token_share,
)

SEED = 5
PLAIN, TROUSERS, DRESS, JACKET = range(4)
"""Looks: in a top; in other trousers below it; in a dress; in a jacket over the top."""
TOP, OWN_TROUSERS, OTHER_TROUSERS, A_DRESS, A_JACKET = range(5)
"""Garments laid flat."""
LOOKS, GARMENTS = 4, 5


@dataclass(frozen=True, eq=False)
class Looks:
    """P persons in four looks, with their five garments.

    worn, flat: latents [P,4,16,24,18] and [P,5,16,24,18] as the transformer sees them, bfloat16;
    person: those of `worn` with a garment's white beside them, as they stand in a canvas;
    changed: the share of each token's pixels in which a look differs from the plain one
    [P,4,108]; worn_words, flat_words: token ids of captions [P,4,32] and [P,5,32].
    """

    worn: torch.Tensor
    person: torch.Tensor
    flat: torch.Tensor
    changed: torch.Tensor
    worn_words: torch.Tensor
    flat_words: torch.Tensor

    def persons(self, rows: slice) -> Looks:
        """Return some of the persons."""
        return Looks(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


@dataclass(frozen=True)
class Wardrobe:
    """Somebody with all that they own."""

    person: Person
    garments: tuple[Garment, ...]

    def looks(self) -> Iterator[tuple]:
        """Give what to draw and to caption for each look."""
        top, _, other_trousers, dress, jacket = self.garments
        yield self.person, top
        yield replace(self.person, trousers=other_trousers), top
        yield self.person, dress
        yield self.person, top, jacket


def drawn_wardrobe(rng: np.random.Generator) -> Wardrobe:
    """Return somebody random with a top, two pairs of trousers, a dress and a jacket."""
    person = replace(drawn_person(rng), trousers=drawn_trousers(rng))
    others = drawn_trousers(rng), drawn_dress(rng), drawn_jacket(rng)
    return Wardrobe(person, (drawn_top(rng), person.trousers, *others))


def changed_share(plain: Picture, picture: Picture) -> torch.Tensor:
    """Return the share [108] of each token's pixels in which two pictures differ."""
    return token_share(np.any(plain.rgb != picture.rgb, axis=-1) * np.uint8(255))


def drawn_looks(autoencoder: Autoencoder, number: int) -> dict[str, torch.Tensor]:
    """Return the looks of `CHUNK` persons; the chunk's number is part of the seed."""
    rng = np.random.default_rng([SEED, number])
    wardrobes = [drawn_wardrobe(rng) for _ in range(CHUNK)]
    looks = [look for wardrobe in wardrobes for look in wardrobe.looks()]
    garments = [garment for wardrobe in wardrobes for garment in wardrobe.garments]
    drawings = [worn(*look) for look in looks]
    changed = [changed_share(drawings[i - i % LOOKS], one) for i, one in enumerate(drawings)]
    pictures = [d.rgb for d in drawings]
    by_look, by_garment = (CHUNK, LOOKS), (CHUNK, GARMENTS)
    return {
        "worn": encoded(autoencoder, pictures).unflatten(0, by_look),
        "person": encoded_beside_white(autoencoder, pictures).unflatten(0, by_look),
        "flat": encoded(autoencoder, [flat(g).rgb for g in garments]).unflatten(0, by_garment),
        "changed": torch.stack(changed).unflatten(0, by_look),
        "worn_words": torch.tensor([token_ids(caption(*o)) for o in looks]).unflatten(0, by_look),
        "flat_words": torch.tensor([token_ids(flat_caption(g)) for g in garments]).unflatten(
            0, by_garment
        ),
    }


def make_looks(work: Path, autoencoder: Autoencoder, chunks: int) -> None:
    """Draw and encode the looks of `chunks` hundred persons, those that are not there yet."""
    make_chunks(work, "looks", autoencoder, chunks, drawn_looks)


def read_looks(work: Path) -> Looks | None:
    """Return what of the looks is in the work folder, if anything."""
    found = read_chunks(work, "looks")
    if not found:
        return None
    return Looks(**joined(found))
