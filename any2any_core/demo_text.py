"""The demo model's text encoder: hashed words, each mixed with the two before it.

It stands where FLUX.1 has T5 and CLIP-L, and gives embeddings of their widths.
"""

from __future__ import annotations

import re
import zlib

import torch
from torch import nn

WORDS = 32
"""Words that a prompt is cut or padded to."""
BUCKETS = 1024
"""Rows of the table; row 0 is the padding."""
WIDTH, TEXT_WIDTH, POOLED_WIDTH = 96, 4096, 768


def token_ids(text: str) -> list[int]:
    """Return `WORDS` table rows for a text; case and punctuation do not matter."""
    words = re.findall(r"<?[a-z0-9]+(?:-[a-z0-9]+)*>?", text.lower())[:WORDS]
    ids = [1 + zlib.crc32(word.encode()) % (BUCKETS - 1) for word in words]
    return ids + [0] * (WORDS - len(ids))


def earlier(words: torch.Tensor, count: int) -> torch.Tensor:
    """Return word vectors [B,N,C] moved `count` places on, zeros first."""
    return torch.cat([torch.zeros_like(words[:, :count]), words[:, :-count]], dim=1)


class WordEncoder(nn.Module):
    """Token ids to FLUX.1's two embeddings.

    Args:
        operations: where the layers come from; ComfyUI hands in its own, which cast.
    """

    def __init__(self, operations=nn, dtype: torch.dtype | None = None, device=None):
        super().__init__()
        options = {"dtype": dtype, "device": device}
        self.table = operations.Embedding(BUCKETS, WIDTH, **options)
        self.mix = operations.Linear(3 * WIDTH, WIDTH, **options)
        self.text = operations.Linear(WIDTH, TEXT_WIDTH, **options)
        self.pooled = operations.Linear(WIDTH, POOLED_WIDTH, **options)

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return text [B,N,4096] and pooled [B,768] of ids [B,N]."""
        words = self.table(ids)  # [B,N,96]
        phrases = self.mix(torch.cat([words, earlier(words, 1), earlier(words, 2)], dim=-1))
        mixed = words + nn.functional.gelu(phrases)  # [B,N,96]
        said = (ids != 0).unsqueeze(-1).to(mixed.dtype)  # [B,N,1]
        mean = (mixed * said).sum(1) / said.sum(1).clamp(min=1)  # [B,96]
        return self.text(mixed), self.pooled(mean)
