"""Batches for the transformer: tokens, their ids, their words, and what the loss looks at.

The ones that are drawn here are the first pool's, whose garments are tops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from any2any_core.demo_text import token_ids
from any2any_core.geometry import TOKEN_PIXELS
from any2any_core.layout import ANY2ANY, CANVAS, Layout
from any2any_core.panels import GARMENT, PERSON
from any2any_core.positions import Grid, adaptive_ids, canvas_ids
from any2any_core.prompts import GARMENT_TAG, TARGET_TAG, TASKS, task_prompt
from devtools.flux import tokens

from .dolls.people import HEIGHT, WIDTH
from .pool import WORN, Pool

GRID = Grid(HEIGHT // TOKEN_PIXELS, WIDTH // TOKEN_PIXELS)
CLOTHES_WEIGHT = 2.0
"""How much more a token counts where clothes are put on or off: the rest is mostly copied."""
MODEL_FREE_WORDS = f"{GARMENT_TAG} {TASKS['model-free'].garment} {TARGET_TAG}"
"""What comes before the words for the person, in the prompt of a model-free try-on."""
(WEARING,) = [token for token in token_ids("wearing") if token]
"""The word after which a caption speaks of the garment."""
TOP_OFF_WORDS = torch.tensor(
    [
        token_ids(task_prompt("garment reconstruction", target=target))
        for target in ("", "the same top laid flat.")
    ]
)
"""The prompts that take a top off: of a top and trousers, the top is the one that is not named."""
SHEET_WORDS = "three pictures: <TARGET> <MODEL> <GARMENT>"


@dataclass(frozen=True, eq=False)
class Batch:
    """`clean` [B,N,64] tokens with `ids` [N,3] and `words` [B,32].

    The first `noised` tokens are noised and learned, weighed by `weight` [B,noised]; the others
    stay clean. `lora` says whether the LoRA takes part, or the base answers alone; `settled`, that
    the clean tokens leave nothing of the others open.
    """

    clean: torch.Tensor
    noised: int
    ids: torch.Tensor
    words: torch.Tensor
    weight: torch.Tensor
    lora: bool = True
    settled: bool = False

    def to(self, device: torch.device) -> Batch:
        names = ("clean", "ids", "words", "weight")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})


def single_ids() -> torch.Tensor:
    """Return ids [108,3] of one picture alone."""
    ys, xs = torch.meshgrid(torch.arange(GRID.token_h), torch.arange(GRID.token_w), indexing="ij")
    return torch.stack([torch.zeros_like(ys), ys, xs], dim=-1).reshape(-1, 3).float()


class Drawing:
    """Draws numbers from a seed: which rows of a pool a batch takes."""

    def __init__(self, seed: int):
        self.generator = torch.Generator().manual_seed(seed)

    def draw(self, limit: int, count: int) -> torch.Tensor:
        return torch.randint(limit, (count,), generator=self.generator)


class Batches(Drawing):
    """Draws batches from a pool."""

    def __init__(self, pool: Pool, seed: int):
        super().__init__(seed)
        self.pool = pool

    def singles(self, count: int) -> Batch:
        """Return pictures with captions: three dolls to every garment laid flat."""
        pool = self.pool
        flats = count // 4
        rows, places = self.draw(len(pool.worn), count - flats), self.draw(WORN, count - flats)
        tops = self.draw(len(pool.flat), flats)
        latents = torch.cat([pool.worn[rows, places], pool.flat[tops]]).float()
        words = torch.cat([pool.worn_words[rows, places], pool.flat_words[tops]])
        clothes = torch.cat([pool.clothes[rows, places], torch.zeros(flats, GRID.tokens)])
        return Batch(tokens(latents), GRID.tokens, single_ids(), words, 1 + clothes, lora=False)

    def triples(self, count: int) -> tuple[torch.Tensor, ...]:
        """Return rows of persons [B], and what they wear in target and source, 0..3 [B] each."""
        rows, first = self.draw(len(self.pool.worn), count), self.draw(WORN, count)
        second = (first + 1 + self.draw(WORN - 1, count)) % WORN
        return rows, first, second

    def canvases(self, rows, first, second) -> tuple[torch.Tensor, torch.Tensor]:
        """Return tokens [B,324,64] of target, person and garment, and where clothes are [B,108]."""
        pool = self.pool
        panels = (
            pool.worn[rows, first],
            pool.person[rows, second],
            pool.flat[pool.tops[rows, first]],
        )
        clothes = torch.maximum(pool.clothes[rows, first], pool.clothes[rows, second]).float()
        return panels_tokens(*panels), clothes

    def sheets(self, count: int) -> Batch:
        """Return sheets of three pictures, all noised, with plain ids: what a base may know."""
        rows, first, second = self.triples(count)
        return sheet(*self.canvases(rows, first, second), self.pool.worn_words[rows, first])

    def model_frees(self, count: int) -> Batch:
        """Return model-free try-ons: a clean garment, and words for the person who wears it."""
        rows, places = self.draw(len(self.pool.worn), count), self.draw(WORN, count)
        worn, flat = self.pool.worn[rows, places], self.pool.flat[self.pool.tops[rows, places]]
        words = model_free_words(self.pool.worn_words[rows, places])
        ids = adaptive_ids(Layout(ANY2ANY, (GARMENT,)), GRID, [GRID])
        weight = 1 + CLOTHES_WEIGHT * self.pool.clothes[rows, places].float()
        return Batch(panels_tokens(worn, flat), GRID.tokens, ids, words, weight)

    def reconstructions(self, count: int) -> Batch:
        """Return garments to be laid flat from the clean picture of who wears them."""
        rows, places = self.draw(len(self.pool.worn), count), self.draw(WORN, count)
        worn, flat = self.pool.worn[rows, places], self.pool.flat[self.pool.tops[rows, places]]
        words = TOP_OFF_WORDS[self.draw(len(TOP_OFF_WORDS), count)]
        ids = adaptive_ids(Layout(ANY2ANY, (PERSON,)), GRID, [GRID])
        weight = torch.ones(count, GRID.tokens)
        return Batch(panels_tokens(flat, worn), GRID.tokens, ids, words, weight, settled=True)

    def tryons(self, count: int) -> Batch:
        """Return try-ons as the method has them: clean conditions, adaptive ids, one prompt."""
        rows, first, second = self.triples(count)
        return tryon(*self.canvases(rows, first, second))


def sheet(clean: torch.Tensor, clothes: torch.Tensor, captions: torch.Tensor) -> Batch:
    """Return the batch of sheets out of tokens [B,324,64], clothes [B,108] and captions [B,32]."""
    prefix = torch.tensor(token_ids(SHEET_WORDS))
    prefix = prefix[prefix > 0].expand(len(captions), -1)
    words = torch.cat([prefix, captions], dim=1)[:, : captions.shape[1]]
    ids = canvas_ids(Layout(CANVAS, (PERSON, GARMENT)), GRID, [GRID, GRID])
    weight = torch.cat([1 + clothes, torch.ones(len(clothes), 2 * GRID.tokens)], dim=1)
    return Batch(clean, clean.shape[1], ids, words, weight, lora=False)


def tryon(clean: torch.Tensor, clothes: torch.Tensor, grids: Sequence[Grid] = (GRID,) * 3) -> Batch:
    """Return the batch of try-ons out of tokens [B,N,64] and where clothes change [B,T].

    grids: of target, person and garment.
    """
    words = torch.tensor(token_ids(task_prompt("try-on"))).expand(len(clean), -1)
    target, *conditions = grids
    ids = adaptive_ids(Layout(ANY2ANY, (PERSON, GARMENT)), target, conditions)
    weight = 1 + CLOTHES_WEIGHT * clothes
    return Batch(clean, target.tokens, ids, words, weight, settled=True)


def panels_tokens(*panels: torch.Tensor) -> torch.Tensor:
    """Return tokens [B,N,64] of latents [B,16,h,w] side by side."""
    return torch.cat([tokens(panel.float()) for panel in panels], dim=1)


def model_free_words(captions: torch.Tensor) -> torch.Tensor:
    """Return the prompts [B,32] for captions [B,32]: the person's words, not the garment's."""
    prefix = [token for token in token_ids(MODEL_FREE_WORDS) if token]
    prompts = torch.zeros_like(captions)
    for prompt, caption in zip(prompts, captions.tolist()):
        words = [*prefix, *caption[: caption.index(WEARING)]]
        prompt[: len(words)] = torch.tensor(words)
    return prompts
