"""Sheets of pictures for the demo model's card."""

from __future__ import annotations

import numpy as np
from PIL import Image

from any2any_core.contact_sheet import contact_sheet
from any2any_core.images import to_pil

from ..demo_nodes import Pictures, images

GAP = 12


def sheet(rows: list[tuple[np.ndarray, ...]], columns: int) -> Image.Image:
    """Return a sheet with a row's pictures [h,w,3] side by side in each cell."""
    joined = [np.concatenate(row, axis=1) for row in rows]
    width = max(one.shape[1] for one in joined)
    cells = [images([one]) for one in joined]
    return to_pil(contact_sheet(cells, columns=columns, cell=width, gap=GAP)[0])


def crossed(pictures: Pictures, garments: Pictures) -> Image.Image:
    """Return a sheet with a garment over each column."""
    cells, tops = ([images([one]) for one in group] for group in (pictures, garments))
    side = max(garments[0].shape)
    return to_pil(contact_sheet(cells, garments=tops, cell=side, gap=GAP)[0])


def stacked(sheets: list[Image.Image]) -> Image.Image:
    """Return sheets one below the other on white."""
    size = max(one.width for one in sheets), sum(one.height for one in sheets)
    whole, y = Image.new("RGB", size, "white"), 0
    for one in sheets:
        whole.paste(one, (0, y))
        y += one.height
    return whole
