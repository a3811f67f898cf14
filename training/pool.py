"""Stage 2: a pool of dolls as latents, drawn and encoded once.

Every person wears `WORN` tops of a shared wardrobe, so that any two of them make a try-on with
its answer: 12 triples a person from four pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from any2any_core.demo_text import token_ids
from any2any_core.geometry import TOKEN_PIXELS

from .autoencoder import Autoencoder
from .dolls.people import drawn_person
from .dolls.pictures import caption, flat, flat_caption, worn
from .dolls.tops import drawn_top
from .stage import Stage, written_whole

SEED = 2
WORN = 4
CHUNK = 100
"""Persons a file, with as many tops."""
DrawChunk = Callable[[Autoencoder, int], dict[str, torch.Tensor]]


@dataclass(frozen=True, eq=False)
class Pool:
    """P persons in K tops each, out of T tops laid flat.

    worn, flat: latents [P,K,16,24,18] and [T,16,24,18] as the transformer sees them, bfloat16;
    person: those of `worn` with a garment's white beside them, as they stand in a canvas; tops:
    the rows of `flat` that are worn [P,K]; clothes: the share of each token's pixels that the worn
    top covers [P,K,108]; worn_words, flat_words: token ids of captions [P,K,32], [T,32].
    """

    worn: torch.Tensor
    person: torch.Tensor
    flat: torch.Tensor
    tops: torch.Tensor
    clothes: torch.Tensor
    worn_words: torch.Tensor
    flat_words: torch.Tensor

    def persons(self, rows: slice) -> Pool:
        """Return some of the persons, with all tops."""
        names = ("worn", "person", "tops", "clothes", "worn_words")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


@torch.no_grad()
def encoded(autoencoder: Autoencoder, pictures: list[np.ndarray]) -> torch.Tensor:
    """Return bfloat16 latents [B,16,h/8,w/8] of pictures [h,w,3] uint8."""
    device = autoencoder.vae_scale.device
    batches = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).split(10)
    with torch.autocast(device.type, torch.bfloat16):
        latents = [
            autoencoder.encode((batch.to(device) / 255).to(memory_format=torch.channels_last))
            for batch in batches
        ]
    return torch.cat(latents).bfloat16().contiguous().cpu()


def encoded_beside_white(autoencoder: Autoencoder, pictures: list[np.ndarray]) -> torch.Tensor:
    """Return the same of pictures that have as much white on their right.

    Person and garment are encoded as one picture, and what stands beside an edge shows in the
    latents there: a learner that never saw it draws a dark line down the result's edge.
    """
    wide = [
        np.pad(one, ((0, 0), (0, one.shape[1]), (0, 0)), constant_values=255) for one in pictures
    ]
    return encoded(autoencoder, wide).chunk(2, dim=-1)[0].contiguous()


def token_share(clothes: np.ndarray) -> torch.Tensor:
    """Return the covered share [108] of each token of a mask [h,w] uint8."""
    height, width = clothes.shape
    blocks = clothes.reshape(
        height // TOKEN_PIXELS, TOKEN_PIXELS, width // TOKEN_PIXELS, TOKEN_PIXELS
    )
    return torch.from_numpy(blocks.mean((1, 3)).reshape(-1) / 255).bfloat16()


def drawn_chunk(autoencoder: Autoencoder, number: int) -> dict[str, torch.Tensor]:
    """Return `CHUNK` persons and tops; the chunk's number is part of the seed."""
    rng = np.random.default_rng([SEED, number])
    tops = [drawn_top(rng) for _ in range(CHUNK)]
    persons = [drawn_person(rng) for _ in range(CHUNK)]
    choice = np.stack([rng.choice(CHUNK, WORN, replace=False) for _ in persons])
    pairs = [(person, tops[top]) for person, row in zip(persons, choice) for top in row]
    drawings = [worn(person, top) for person, top in pairs]
    shape = (CHUNK, WORN)
    pictures = [d.rgb for d in drawings]
    return {
        "worn": encoded(autoencoder, pictures).unflatten(0, shape),
        "person": encoded_beside_white(autoencoder, pictures).unflatten(0, shape),
        "flat": encoded(autoencoder, [flat(top).rgb for top in tops]),
        "tops": torch.from_numpy(choice),
        "clothes": torch.stack([token_share(d.clothes) for d in drawings]).unflatten(0, shape),
        "worn_words": torch.tensor([token_ids(caption(*p)) for p in pairs]).unflatten(0, shape),
        "flat_words": torch.tensor([token_ids(flat_caption(top)) for top in tops]),
    }


def make_chunks(
    work: Path, name: str, autoencoder: Autoencoder, chunks: int, draw: DrawChunk
) -> None:
    """Draw and encode `chunks` files `<name>-NNN.safetensors`, those that are not there yet."""
    stage = Stage(work, name)
    autoencoder = autoencoder.to(memory_format=torch.channels_last)
    for number in range(chunks):
        path = work / f"{name}-{number:03}.safetensors"
        if not path.is_file():
            with written_whole(path) as part:
                save_file(draw(autoencoder, number), part)
            stage.record(chunk=number)


def read_chunks(work: Path, name: str) -> list[dict[str, torch.Tensor]]:
    """Return the files of that name in the work folder, in order."""
    return [load_file(path) for path in sorted(work.glob(f"{name}-*.safetensors"))]


def joined(chunks: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Return the chunks' tensors one behind the other."""
    return {name: torch.cat([chunk[name] for chunk in chunks]) for name in chunks[0]}


def joined_tops(chunks: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Return the same of chunks whose `tops` are rows of `flat`, which then are rows of all."""
    before = 0
    for chunk in chunks:
        chunk["tops"] += before
        before += len(chunk["flat"])
    return joined(chunks)


def make_pool(work: Path, autoencoder: Autoencoder, chunks: int) -> None:
    """Draw and encode `chunks` hundred persons, those that are not there yet."""
    make_chunks(work, "pool", autoencoder, chunks, drawn_chunk)


def read_pool(work: Path) -> Pool | None:
    """Return what of the pool is in the work folder, if anything."""
    chunks = read_chunks(work, "pool")
    if not chunks:
        return None
    return Pool(**joined_tops(chunks))
