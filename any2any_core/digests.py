"""Letters that stand for values, pictures and files: equal ones have the same, in every process."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

DIGEST_LETTERS = 16
SAMPLE = 65536
"""Bytes that are read of a large file at its beginning, in its middle and at its end."""


def digest(value: Any) -> str:
    """Return letters that stand for a JSON-like value, the same ones in every process.

    What JSON cannot hold counts as new each time.
    """
    text = json.dumps(value, sort_keys=True, default=lambda _: uuid.uuid4().hex)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LETTERS]


def picture_digest(picture: torch.Tensor) -> str:
    """Return letters that stand for a picture's size and pixels, float32 [B,H,W,C]."""
    pixels = hashlib.sha256(picture.contiguous().numpy())
    return digest([list(picture.shape), pixels.hexdigest()])


def weights_digest(file: Path) -> str:
    """Return letters that stand for a file of weights: its size, and samples of what is in it.

    All of a model takes minutes to read; weights trained anew differ everywhere. Where and when
    the file was copied does not matter.
    """
    size = file.stat().st_size
    with file.open("rb") as opened:
        samples = []
        for place in (0, size // 2, max(0, size - SAMPLE)):
            opened.seek(place)
            samples.append(hashlib.sha256(opened.read(SAMPLE)).hexdigest())
    return digest([size, samples])


def file_facts(files: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return path, bytes and time of each file: what changes when somebody changes it."""
    stats = [(str(file), file.stat()) for file in files]
    return [(file, stat.st_size, stat.st_mtime_ns) for file, stat in stats]
