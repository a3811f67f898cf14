"""Looks whose latents are numbers, so that a batch tells which pictures it holds."""

from __future__ import annotations

import torch

from any2any_core.demo_text import WORDS, token_ids
from training.batches import GRID
from training.looks import GARMENTS, LOOKS, Looks

PERSONS = 3
BESIDE = 50
"""What is added to the number of a person who stands beside a garment."""


def numbered_looks() -> Looks:
    """Return looks whose latents tell whose picture they are: 10 a person, 1 a look or garment."""

    def latents(count: int, first: int) -> torch.Tensor:
        numbers = first + 10 * torch.arange(PERSONS)[:, None] + torch.arange(count)
        return numbers[..., None, None, None].expand(-1, -1, 16, 24, 18).float()

    return Looks(
        worn=latents(LOOKS, 0),
        person=latents(LOOKS, BESIDE),
        flat=latents(GARMENTS, 100),
        changed=torch.ones(PERSONS, LOOKS, GRID.tokens) * torch.tensor([0, 0.2, 0.4, 0.6])[:, None],
        worn_words=torch.tensor(token_ids("a man wearing a top")).expand(PERSONS, LOOKS, WORDS),
        flat_words=torch.tensor(token_ids("a top")).expand(PERSONS, GARMENTS, WORDS),
    )
