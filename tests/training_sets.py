"""Small sets of triples, drawn at random, for tests of the training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image


def write_set(
    folder: Path, count: int, garments: list[tuple[int, int]] | None = None, lines: bool = True
) -> Path:
    """Write `count` triples of 48x64 px; garments take turns at the given sizes (48x64)."""
    rng = np.random.default_rng(0)
    garments = garments or [(48, 64)]
    for number in range(count):
        sizes = {
            "person": (48, 64),
            "garment": garments[number % len(garments)],
            "target": (48, 64),
        }
        for part, (width, height) in sizes.items():
            coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
            path = folder / part / f"{number:02}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(coarse).resize((width, height)).save(path)
    if lines:
        captions = [{"name": f"{n:02}", "caption": f"person {n}"} for n in range(count)]
        text = "".join(json.dumps(line) + "\n" for line in captions)
        (folder / "captions.jsonl").write_text(text)
    return folder
