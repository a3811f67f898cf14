"""The dolls that all rows train on, encoded both ways: together and separately."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from ..autoencoder import Autoencoder
from ..dolls.people import drawn_person
from ..dolls.pictures import flat, worn
from ..dolls.tops import drawn_top
from ..pool import encoded, joined_tops, token_share
from ..stage import written_whole

SEED = 5
WORN = 4
"""Tops a person wears; number i is put on where number i + 1 was worn: so many triples a person."""
CHUNK = 100
"""Persons a file, with as many tops."""


@dataclass(frozen=True, eq=False)
class Pool:
    """The latents of P persons in K tops, as the transformer sees them, bfloat16.

    worn: every picture by itself [P,K,16,24,18]; flat: every top by itself [T,16,24,18]; tops: the
    rows of `flat` [P,K]; person, garment: the conditions of triple [P,K], encoded as one picture;
    clothes: the share of each of the target's tokens where clothes are put on or off [P,K,108].
    """

    worn: torch.Tensor
    flat: torch.Tensor
    tops: torch.Tensor
    person: torch.Tensor
    garment: torch.Tensor
    clothes: torch.Tensor


def drawn_chunk(autoencoder: Autoencoder, number: int, persons: int = CHUNK) -> dict:
    """Return the tensors of a chunk; its number is part of the seed."""
    rng = np.random.default_rng([SEED, number])
    tops = [drawn_top(rng) for _ in range(persons)]
    people = [drawn_person(rng) for _ in range(persons)]
    choice = np.stack([rng.choice(persons, WORN, replace=False) for _ in people])
    flats = [flat(top).rgb for top in tops]
    drawings = [[worn(person, tops[top]) for top in row] for person, row in zip(people, choice)]
    joined, clothes = [], []
    for dressed, row in zip(drawings, choice):
        for target, source, top in zip(dressed, dressed[1:] + dressed[:1], row):
            joined.append(np.concatenate([source.rgb, flats[top]], axis=1))
            clothes.append(token_share(np.maximum(target.clothes, source.clothes)))
    shape = (persons, WORN)
    person, garment = encoded(autoencoder, joined).unflatten(0, shape).chunk(2, dim=-1)
    each = encoded(autoencoder, [drawing.rgb for dressed in drawings for drawing in dressed])
    return {
        "worn": each.unflatten(0, shape),
        "flat": encoded(autoencoder, flats),
        "tops": torch.from_numpy(choice),
        "person": person.contiguous(),
        "garment": garment.contiguous(),
        "clothes": torch.stack(clothes).unflatten(0, shape),
    }


def chunk_path(work: Path, number: int) -> Path:
    return work / f"pool-{number:03}.safetensors"


def write_chunk(work: Path, autoencoder: Autoencoder, number: int) -> None:
    """Draw a chunk into the work folder, if it is not there."""
    path = chunk_path(work, number)
    if not path.is_file():
        with written_whole(path) as part:
            save_file(drawn_chunk(autoencoder, number), part)


def read_pool(work: Path, chunks: int) -> Pool:
    """Return the first chunks of the pool in the work folder."""
    return Pool(**joined_tops([load_file(chunk_path(work, n)) for n in range(chunks)]))
