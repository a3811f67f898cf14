"""Pictures in rows and columns on one sheet: people beside their rows, garments over theirs."""

from __future__ import annotations

import math

import torch
from PIL import Image

from .geometry import Size, centred_margins
from .images import WHITE, checked_image, to_pil, to_tensor

MISSING = (232, 232, 232)
"""A cell without its picture: a run that was cancelled has some."""


def contact_sheet(
    images: list[torch.Tensor],
    people: list[torch.Tensor] | None = None,
    garments: list[torch.Tensor] | None = None,
    columns: int = 0,
    cell: int = 320,
    gap: int = 8,
) -> torch.Tensor:
    """Return one picture [1,H,W,3] with all `images`, row after row, in equal cells on white.

    Each list holds pictures [B,H,W,C] of any sizes; batches count as their pictures in turn. They
    are fitted into the cells, neither cropped nor stretched. `people` stand before the rows,
    `garments` over the columns. `columns` 0 takes as many as there are garments, else as make
    rows for the people, else as make the sheet nearly square. A cell's longer side is `cell`
    pixels; `gap` pixels lie between cells and around all.

    Raises:
        ValueError: no image, a bad picture, columns that are not the garments', or more images
            than people times columns.
    """
    pictures = flat(images, "image")
    heads, tops = flat(people or [], "people"), flat(garments or [], "garments")
    if not pictures:
        raise ValueError(
            "There is no image for the contact sheet, but at least one was expected: connect the "
            "images of Any2AnyLookbook, or any batch or list."
        )
    rows, columns = grid(len(pictures), len(heads), len(tops), columns)
    size = cell_size(pictures, cell)
    left, top = int(bool(heads)), int(bool(tops))
    pitch = Size(size.width + gap, size.height + gap)
    extent = ((left + columns) * pitch.width + gap, (top + rows) * pitch.height + gap)
    sheet = Image.new("RGB", extent, WHITE)

    def put(picture: Image.Image, row: int, column: int) -> None:
        sheet.paste(picture, (gap + column * pitch.width, gap + row * pitch.height))

    for row, head in enumerate(heads):
        put(fitted(head, size), top + row, 0)
    for column, garment in enumerate(tops):
        put(fitted(garment, size), 0, left + column)
    missing = Image.new("RGB", (size.width, size.height), MISSING)
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        picture = fitted(pictures[number], size) if number < len(pictures) else missing
        put(picture, top + row, left + column)
    return to_tensor(sheet)[None]


def flat(images: list[torch.Tensor], what: str) -> list[Image.Image]:
    """Return every picture of every batch."""
    return [to_pil(picture) for image in images for picture in checked_image(image, what)]


def grid(pictures: int, people: int, garments: int, columns: int) -> tuple[int, int]:
    """Return the number of rows and columns.

    Raises:
        ValueError: columns that are not the garments', or more pictures than cells.
    """
    if garments and columns not in (0, garments):
        raise ValueError(
            f"columns is {columns} and there are {garments} garments, but a garment stands over "
            "every column: set columns to 0, or take garments away."
        )
    square = math.ceil(math.sqrt(pictures))
    columns = garments or columns or (math.ceil(pictures / people) if people else square)
    if people and pictures > people * columns:
        raise ValueError(
            f"There are {pictures} images, but at most {people * columns} were expected (people "
            f"{people} x columns {columns}): connect the very people and garments that the images "
            "were made of, or take them away."
        )
    return people or math.ceil(pictures / columns), columns


def cell_size(pictures: list[Image.Image], longer: int) -> Size:
    """Return the smallest cell in which every picture can be `longer` pixels long."""
    sizes = [scaled_to(picture, Size(longer, longer)) for picture in pictures]
    return Size(max(size.width for size in sizes), max(size.height for size in sizes))


def scaled_to(picture: Image.Image, cell: Size) -> Size:
    """Return the picture's size when it just fits into the cell, at least a pixel each way."""
    scale = min(cell.width / picture.width, cell.height / picture.height)
    return Size(max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))


def fitted(picture: Image.Image, cell: Size) -> Image.Image:
    """Return the picture in the middle of a white cell."""
    size = scaled_to(picture, cell)
    margins = centred_margins(size, cell)
    whole = Image.new("RGB", (cell.width, cell.height), WHITE)
    whole.paste(picture.resize((size.width, size.height)), (margins.left, margins.top))
    return whole
