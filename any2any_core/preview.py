"""The packing preview: the canvas to scale, with what each panel is and costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle

import torch
from PIL import Image, ImageDraw, ImageFont

from .geometry import Size
from .images import to_pil, to_tensor
from .layout import VITONHD, Layout
from .panels import Conditions, joined_picture
from .positions import Grid, image_ids

LONG_SIDE = 1280
"""The preview's width in pixels: enough to read, small enough to send at every run."""

GAP, COLUMN_GAP, LINE, FONT = 12, 32, 26, 17
BACKGROUND, INK, FAINT = (24, 26, 31), (236, 238, 242), (150, 156, 168)
ACCENTS = ((96, 165, 250), (52, 211, 153), (251, 191, 36), (244, 114, 182), (192, 132, 252))


@dataclass(frozen=True)
class TokenBox:
    """The tokens that were kept of a panel."""

    x: int
    y: int
    token_w: int
    token_h: int


@dataclass(frozen=True, eq=False)
class Strip:
    """One panel on the preview: its name, picture [H,W,3] (None for the target) and size.

    kept: the tokens that are left of it, None for all.
    """

    name: str
    picture: torch.Tensor | None
    size: Size
    kept: TokenBox | None = None

    @property
    def grid(self) -> Grid:
        box = self.kept or self.size
        return Grid(box.token_h, box.token_w)


def id_ranges(ids: torch.Tensor) -> str:
    """Return a panel's ids [N,3] as text: `index 1  y 0..47  x 0..35`."""
    low, high = ids.amin(0).tolist(), ids.amax(0).tolist()
    return f"index {low[0]:g}  y {low[1]:g}..{high[1]:g}  x {low[2]:g}..{high[2]:g}"


def pack_preview(
    layout: Layout,
    strips: list[Strip],
    text_tokens: int,
    notes: list[str],
) -> torch.Tensor:
    """Return one picture [1,H,W,3] of the packed canvas; the target strip comes first."""
    counts = [strip.grid.tokens for strip in strips]
    of_a_step = text_tokens + (counts[0] if layout.isolated else sum(counts))
    lines = [
        f"layout {layout.name}, conditions {'clean' if layout.clean else 'noised'}",
        f"text {text_tokens} tokens, {text_tokens / of_a_step:.0%} of the step",
        *notes,
    ]
    scale = (LONG_SIDE - GAP * (len(strips) + 1)) / sum(strip.size.width for strip in strips)
    height = max(1, round(strips[0].size.height * scale))
    total = GAP * 4 + height + LINE * (len(strips) + len(lines))
    canvas = Image.new("RGB", (LONG_SIDE, total), BACKGROUND)
    draw_strips(canvas, strips, scale, height)

    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=FONT)
    y = GAP * 2 + height
    for row, accent in zip(table(layout, strips, of_a_step), cycle(ACCENTS)):
        for (x, cell), colour in zip(row, [accent] + [INK] * len(row)):
            draw.text((x, y), cell, fill=colour, font=font)
        y += LINE
    for line in lines:
        draw.text((GAP, y + GAP), line, fill=FAINT, font=font)
        y += LINE
    return to_tensor(canvas)[None]


def draw_strips(canvas: Image.Image, strips: list[Strip], scale: float, height: int) -> None:
    """Draw the panels to scale, side by side, each in its accent and with its number."""
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=FONT)
    x = GAP
    for number, (strip, accent) in enumerate(zip(strips, cycle(ACCENTS)), start=1):
        width = max(1, round(strip.size.width * scale))
        if strip.picture is not None:
            canvas.paste(to_pil(strip.picture).resize((width, height)), (x, GAP))
        else:
            draw.line((x, GAP, x + width, GAP + height), fill=FAINT)
            draw.line((x, GAP + height, x + width, GAP), fill=FAINT)
        draw.rectangle((x, GAP, x + width - 1, GAP + height - 1), outline=accent, width=3)
        if strip.kept is not None:
            draw.rectangle(kept_box(strip, x, width, height), outline=accent, width=2)
        label = (x + 3, GAP + 3, x + 3 + LINE, GAP + 3 + LINE)  # legible on any photo
        draw.rectangle(label, fill=BACKGROUND)
        draw.text((x + 10, GAP + 6), str(number), fill=accent, font=font)
        x += width + GAP


def kept_box(strip: Strip, x: int, width: int, height: int) -> tuple[float, ...]:
    """Return the kept tokens' box in a strip drawn at x, `width` by `height` pixels large."""
    x_scale, y_scale = width / strip.size.token_w, height / strip.size.token_h
    left, top = x + strip.kept.x * x_scale, GAP + strip.kept.y * y_scale
    return left, top, left + strip.kept.token_w * x_scale, top + strip.kept.token_h * y_scale


def table(layout: Layout, strips: list[Strip], of_a_step: int) -> list[list[tuple[int, str]]]:
    """Return a row a panel, its cells with their x: name and size, ids, tokens, share.

    of_a_step: the tokens of a step, text included.
    """
    grids = [strip.grid for strip in strips]
    counts = [grid.tokens for grid in grids]
    ids, single_ids = image_ids(layout, grids[0], grids[1:])
    rows = [
        [
            f"{number}  {strip.name}  {strip.size}",
            id_ranges(part),
            f"{len(part)} tokens",
            "once a run"
            if layout.isolated and number > 1
            else f"{len(part) / of_a_step:.0%} of the step",
        ]
        for number, (strip, part) in enumerate(zip(strips, ids.split(counts)), start=1)
    ]
    if single_ids is not None:
        for row, part in zip(rows, single_ids.split(counts)):
            row.insert(2, f"single blocks: {id_ranges(part)}")
    font = ImageFont.load_default(size=FONT)
    widths = [math.ceil(max(map(font.getlength, column))) for column in zip(*rows)]
    places = [GAP + sum(widths[:i]) + COLUMN_GAP * i for i in range(len(widths))]
    return [list(zip(places, row)) for row in rows]


def order_note(layout: Layout) -> list[str]:
    """Return what a reader should know of a layout beyond its ids."""
    if layout.name == VITONHD:
        return ["vitonhd: adaptive ids in the double blocks, plain canvas ids in the single ones"]
    if layout.isolated:
        return ["isolated: the conditions see only each other and are computed once a run"]
    return []


def panels_preview(conditions: Conditions, asked: tuple[int, int]) -> torch.Tensor:
    """Return the panels side by side [B,H,W,3] over a line that says the target's size."""
    pictures = joined_picture(conditions.panels)
    line = f"target {conditions.target}"
    if asked != (conditions.target.width, conditions.target.height):
        line += f" ({asked[0]}x{asked[1]} rounded down to multiples of 16)"
    font = ImageFont.load_default(size=13)
    width = max(pictures.shape[2], math.ceil(font.getlength(line)) + GAP)  # a note cut is not said
    batch, height = pictures.shape[:2]
    frame = to_tensor(Image.new("RGB", (width, height + LINE), BACKGROUND))
    footer = Image.new("RGB", (width, LINE), BACKGROUND)
    ImageDraw.Draw(footer).text((GAP // 2, 4), line, fill=INK, font=font)
    frame[height:] = to_tensor(footer)
    preview = frame.repeat(batch, 1, 1, 1)
    preview[:, :height, : pictures.shape[2]] = pictures
    return preview
