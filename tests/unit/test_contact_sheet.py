"""The contact sheet: every picture whole, in the cell of its person and garment."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from any2any_core.contact_sheet import MISSING, contact_sheet

WHITE, GRAY = (1.0, 1.0, 1.0), tuple(level / 255 for level in MISSING)
PALETTE = [(0.0, 0.2, level / 5) for level in range(6)]
PEOPLE = [(0.4, 0.0, level / 5) for level in range(3)]
GARMENTS = [(0.0, 0.6, level / 5) for level in range(4)]


def plain(colour: tuple[float, ...], width: int = 30, height: int = 40, batch: int = 1):
    """Return an IMAGE of one colour."""
    return torch.tensor(colour).expand(batch, height, width, 3)


def plains(colours: list, **size: int) -> list[torch.Tensor]:
    return [plain(colour, **size) for colour in colours]


def middles(sheet: torch.Tensor, width: int, height: int, gap: int) -> list[list[tuple]]:
    """Return the colour in the middle of every cell, row by row."""
    ys = range(gap + height // 2, sheet.shape[1], height + gap)
    xs = range(gap + width // 2, sheet.shape[2], width + gap)
    return [[tuple(sheet[0, y, x].tolist()) for x in xs] for y in ys]


def assert_cells(sheet: torch.Tensor, cells: list[list[tuple]], width=30, height=40, gap=4):
    assert sheet.shape[2] == len(cells[0]) * (width + gap) + gap
    assert sheet.shape[1] == len(cells) * (height + gap) + gap
    found = middles(sheet, width, height, gap)
    torch.testing.assert_close(torch.tensor(found), torch.tensor(cells))


def test_people_are_rows_and_garments_are_columns():
    sheet = contact_sheet(plains(PALETTE), plains(PEOPLE[:2]), plains(GARMENTS[:3]), cell=40, gap=4)
    assert_cells(
        sheet,
        [[WHITE, *GARMENTS[:3]], [PEOPLE[0], *PALETTE[:3]], [PEOPLE[1], *PALETTE[3:]]],
    )


@pytest.mark.parametrize(
    ("images", "people", "garments", "columns", "cells"),
    [
        pytest.param(3, 0, 0, 0, [PALETTE[:2], [PALETTE[2], GRAY]], id="nearly a square"),
        pytest.param(1, 0, 0, 0, [PALETTE[:1]], id="one alone"),
        pytest.param(3, 0, 0, 3, [PALETTE[:3]], id="as many columns as asked"),
        pytest.param(2, 0, 0, 3, [[*PALETTE[:2], GRAY]], id="more columns than images"),
        pytest.param(4, 0, 2, 0, [GARMENTS[:2], PALETTE[:2], PALETTE[2:4]], id="garments alone"),
        pytest.param(
            4,
            2,
            0,
            0,
            [[PEOPLE[0], *PALETTE[:2]], [PEOPLE[1], *PALETTE[2:4]]],
            id="people alone",
        ),
        pytest.param(
            2, 2, 0, 0, [[PEOPLE[0], PALETTE[0]], [PEOPLE[1], PALETTE[1]]], id="one to one"
        ),
        pytest.param(
            3,
            2,
            2,
            0,
            [[WHITE, *GARMENTS[:2]], [PEOPLE[0], *PALETTE[:2]], [PEOPLE[1], PALETTE[2], GRAY]],
            id="cancelled",
        ),
        pytest.param(
            1,
            2,
            2,
            2,
            [[WHITE, *GARMENTS[:2]], [PEOPLE[0], PALETTE[0], GRAY], [PEOPLE[1], GRAY, GRAY]],
            id="cancelled in the first row",
        ),
    ],
)
def test_every_picture_has_its_cell(images, people, garments, columns, cells):
    sheet = contact_sheet(
        plains(PALETTE[:images]),
        plains(PEOPLE[:people]),
        plains(GARMENTS[:garments]),
        columns,
        cell=40,
        gap=4,
    )
    assert_cells(sheet, cells)


def test_batches_count_as_their_pictures():
    batched = [torch.cat(plains(PALETTE[:2])), torch.cat(plains(PALETTE[2:6]))]
    people = [torch.cat(plains(PEOPLE[:2]))]
    assert torch.equal(
        contact_sheet(batched, people), contact_sheet(plains(PALETTE), plains(PEOPLE[:2]))
    )


def test_pictures_that_fit_come_back_to_the_last_level():
    levels = torch.randint(0, 256, (2, 40, 30, 3), generator=torch.Generator().manual_seed(0))
    pictures = levels.float() / 255
    sheet = contact_sheet([pictures], cell=40, gap=4)
    assert torch.equal(sheet[:, 4:44, 4:34], pictures[:1])
    assert torch.equal(sheet[:, 4:44, 38:68], pictures[1:])
    assert sheet[:, :4].min() == 1 and sheet[:, :, 34:38].min() == 1


@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=5),
    st.integers(16, 60),
    st.integers(0, 5),
)
def test_whole_pictures_of_any_sizes_unstretched(sizes, cell, gap):
    """A dark picture is a box in its cell, of its own aspect and as large as can be."""
    pictures = [plain((0.0, 0.0, 0.0), *size) for size in sizes]
    columns = len(pictures)
    sheet = contact_sheet(pictures, columns=columns, cell=cell, gap=gap)
    width = (sheet.shape[2] - gap) // columns - gap
    height = sheet.shape[1] - 2 * gap
    assert max(width, height) == cell
    for number, (w, h) in enumerate(sizes):
        left = gap + number * (width + gap)
        dark = sheet[0, gap : gap + height, left : left + width, 0] < 0.5
        across, down = dark.any(0).sum().item(), dark.any(1).sum().item()
        assert dark.sum() == across * down
        assert across == width or down == height
        scale = min(width / w, height / h)
        assert abs(across - max(1, w * scale)) <= 0.5 + 1e-6
        assert abs(down - max(1, h * scale)) <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        pytest.param({"images": []}, r"no image for the contact sheet", id="no image"),
        pytest.param(
            {"images": plains(PALETTE[:5]), "people": plains(PEOPLE[:2]),
             "garments": plains(GARMENTS[:2])},
            r"5 images, but at most 4 .*people 2 x columns 2",
            id="more images than pairs",
        ),
        pytest.param(
            {"images": plains(PALETTE), "people": plains(PEOPLE[:2]), "columns": 2},
            r"6 images, but at most 4 .*people 2 x columns 2",
            id="more images than cells",
        ),
        pytest.param(
            {"images": plains(PALETTE), "garments": plains(GARMENTS[:2]), "columns": 3},
            r"columns is 3 and there are 2 garments.*set columns to 0",
            id="columns that are not the garments'",
        ),
        pytest.param(
            {"images": [torch.zeros(1, 8, 8, 2)]}, r"image picture has shape", id="two channels"
        ),
        pytest.param(
            {"images": plains(PALETTE), "garments": [plain((torch.nan, 0.0, 0.0))]},
            r"garments picture has NaN",
            id="nan in a garment",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused(inputs, message):
    with pytest.raises(ValueError, match=message):
        contact_sheet(**inputs)
