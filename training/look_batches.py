"""Batches out of the second pool: trousers, dresses, jackets over tops, and which comes off."""

from __future__ import annotations

import torch

from any2any_core.demo_text import token_ids
from any2any_core.layout import ANY2ANY, Layout
from any2any_core.panels import GARMENT, PERSON
from any2any_core.positions import adaptive_ids
from any2any_core.prompts import task_prompt
from devtools.flux import tokens

from .batches import (
    CLOTHES_WEIGHT,
    GRID,
    Batch,
    Drawing,
    model_free_words,
    panels_tokens,
    sheet,
    single_ids,
    tryon,
)
from .looks import (
    A_DRESS,
    A_JACKET,
    DRESS,
    GARMENTS,
    JACKET,
    LOOKS,
    OTHER_TROUSERS,
    OWN_TROUSERS,
    PLAIN,
    TOP,
    TROUSERS,
    Looks,
)

TRY_ONS = (
    (PLAIN, TROUSERS, OTHER_TROUSERS),
    (TROUSERS, PLAIN, OWN_TROUSERS),
    (PLAIN, DRESS, A_DRESS),
    (DRESS, PLAIN, TOP),
)
"""The looks of person and target, and the garment."""
LAYERS = ((PLAIN, JACKET, A_JACKET),)
OFF = (
    (PLAIN, TOP, "top"),
    (PLAIN, OWN_TROUSERS, "trousers"),
    (TROUSERS, OTHER_TROUSERS, "trousers"),
    (DRESS, A_DRESS, "dress"),
    (JACKET, A_JACKET, "jacket"),
    (JACKET, TOP, "top"),
)
"""A look, which garment comes off, and the word that asks for it."""
PUT_ON = ((PLAIN, TOP), (TROUSERS, TOP), (DRESS, A_DRESS))
"""A look that a garment and the words for a person leave no doubt about, and the garment."""


def off_prompt(word: str) -> str:
    """Return the prompt that takes the garment of that word off."""
    return task_prompt("garment reconstruction", target=f"the same {word} laid flat.")


OFF_WORDS = torch.tensor([token_ids(off_prompt(word)) for _, _, word in OFF])


class LookBatches(Drawing):
    """Draws batches from the second pool."""

    def __init__(self, looks: Looks, seed: int):
        super().__init__(seed)
        self.pool = looks

    def rows(self, count: int) -> torch.Tensor:
        return self.draw(len(self.pool.worn), count)

    def chosen(self, table: tuple, count: int) -> tuple[torch.Tensor, ...]:
        """Return the columns [B] of `count` random rows of a table of numbers."""
        return torch.tensor(table)[self.draw(len(table), count)].unbind(1)

    def singles(self, count: int) -> Batch:
        """Return pictures with captions: three looks to every garment laid flat."""
        pool, flats = self.pool, count // 4
        rows, looks = self.rows(count - flats), self.draw(LOOKS, count - flats)
        others, garments = self.rows(flats), self.draw(GARMENTS, flats)
        latents = torch.cat([pool.worn[rows, looks], pool.flat[others, garments]]).float()
        words = torch.cat([pool.worn_words[rows, looks], pool.flat_words[others, garments]])
        changed = torch.cat([pool.changed[rows, looks], torch.zeros(flats, GRID.tokens)])
        return Batch(tokens(latents), GRID.tokens, single_ids(), words, 1 + changed, lora=False)

    def canvases(self, table: tuple, count: int) -> tuple[torch.Tensor, ...]:
        """Return tokens [B,324,64] of target, person and garment, what changes, and captions."""
        rows, (source, target, garment) = self.rows(count), self.chosen(table, count)
        pool = self.pool
        panels = pool.worn[rows, target], pool.person[rows, source], pool.flat[rows, garment]
        changed = torch.maximum(pool.changed[rows, source], pool.changed[rows, target]).float()
        return panels_tokens(*panels), changed, pool.worn_words[rows, target]

    def sheets(self, count: int) -> Batch:
        """Return sheets of three pictures, all noised, with plain ids."""
        return sheet(*self.canvases(TRY_ONS + LAYERS, count))

    def tryons(self, count: int) -> Batch:
        """Return try-ons of trousers, of a dress over a top's place, of a top over a dress's."""
        clean, changed, _ = self.canvases(TRY_ONS, count)
        return tryon(clean, changed)

    def layers(self, count: int) -> Batch:
        """Return second passes of layers: a jacket over the top that is worn."""
        clean, changed, _ = self.canvases(LAYERS, count)
        return tryon(clean, changed)

    def model_frees(self, count: int) -> Batch:
        """Return model-free try-ons of a dress, or of a top with trousers of any kind."""
        rows, (looks, garments) = self.rows(count), self.chosen(PUT_ON, count)
        pool = self.pool
        clean = panels_tokens(pool.worn[rows, looks], pool.flat[rows, garments])
        words = model_free_words(pool.worn_words[rows, looks])
        weight = 1 + CLOTHES_WEIGHT * pool.changed[rows, looks].float()
        ids = adaptive_ids(Layout(ANY2ANY, (GARMENT,)), GRID, [GRID])
        return Batch(clean, GRID.tokens, ids, words, weight)

    def reconstructions(self, count: int) -> Batch:
        """Return garments to be laid flat; the prompt says which of them that are worn."""
        rows, which = self.rows(count), self.draw(len(OFF), count)
        looks, garments = torch.tensor([row[:2] for row in OFF])[which].unbind(1)
        clean = panels_tokens(self.pool.flat[rows, garments], self.pool.worn[rows, looks])
        ids = adaptive_ids(Layout(ANY2ANY, (PERSON,)), GRID, [GRID])
        weight = torch.ones(count, GRID.tokens)
        return Batch(clean, GRID.tokens, ids, OFF_WORDS[which], weight, settled=True)
