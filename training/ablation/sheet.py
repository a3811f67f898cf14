"""What the rows make, to look at: a column a row of the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from any2any_core.geometry import Size
from devtools.contact_sheet import contact_sheet

from .rows import ROWS
from .score import SHOWN, pictures_path
from .unseen import OTHERS, TRAINED, read_unseen


def stacked(pictures: list[np.ndarray]) -> Image.Image:
    """Return pictures of any sizes one below the other, each in the middle of white."""
    width = max(picture.shape[1] for picture in pictures)
    sheet = Image.new("RGB", (width, sum(picture.shape[0] for picture in pictures)), "white")
    top = 0
    for picture in pictures:
        sheet.paste(Image.fromarray(picture), ((width - picture.shape[1]) // 2, top))
        top += picture.shape[0]
    return sheet


def sheet(work: Path, seed: int, shown: list[tuple[Size, int]]) -> Image.Image:
    """Return person, garment, every row's result and the truth, for try-ons (size, number)."""
    unseen = {size: read_unseen(work, size) for size, _ in shown}
    columns = {
        name: [getattr(unseen[size], field)[number].numpy() for size, number in shown]
        for name, field in (("person", "person"), ("garment", "garment"), ("truth", "truth"))
    }
    truth = columns.pop("truth")
    for row in ROWS.values():
        if all(pictures_path(work, row.name, seed, size).is_file() for size, _ in shown):
            columns[row.name] = [
                kept_picture(work, row.name, seed, size, number) for size, number in shown
            ]
    columns["truth"] = truth
    return contact_sheet({name: stacked(pictures) for name, pictures in columns.items()})


def kept_picture(work: Path, name: str, seed: int, size: Size, number: int) -> np.ndarray:
    """Return one of the pictures that a run has kept, [h,w,3]."""
    with Image.open(pictures_path(work, name, seed, size)) as strip:
        left = number * size.width
        return np.asarray(strip.crop((left, 0, left + size.width, size.height)))


def sheets(work: Path, seed: int) -> dict[str, Image.Image]:
    """Return the sheets by file name: try-ons as trained, and one of every other size."""
    kept = {size: min(SHOWN, len(read_unseen(work, size).person)) for size in (TRAINED, *OTHERS)}
    others = [(size, number % kept[size]) for number, size in enumerate(OTHERS)]
    return {
        "tryons.jpg": sheet(work, seed, [(TRAINED, number) for number in range(kept[TRAINED])]),
        "sizes.jpg": sheet(work, seed, others),
    }
