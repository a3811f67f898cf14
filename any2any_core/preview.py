"""The packing preview: the canvas to scale, with what each panel is and costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from PIL import Image, ImageDraw, ImageFont

from .cost import cost_ratio
from .geometry import Size
from .images import to_pil, to_tensor
from .layout import VITONHD, Layout
from .panels import Conditions, joined_picture
from .positions import Grid, image_ids

LONG_SIDE = 1280
"""The preview's width in pixels: enough to read, small enough to send at every run."""

GAP, LINE = 12, 24
BACKGROUND, INK, FAINT = (24, 26, 31), (236, 238, 242), (150, 156, 168)
ACCENTS = ((96, 165, 250), (52, 211, 153), (251, 191, 36), (244, 114, 182), (192, 132, 252))


@dataclass(frozen=True, eq=False)
class Strip:
    """One panel on the preview: its name, picture [H,W,3] (None for the target) and size."""

    name: str
    picture: torch.Tensor | None
    size: Size


def id_ranges(ids: torch.Tensor) -> str:
    """Return a panel's ids [N,3] as text: `index 1  y 0..47  x 0..35`."""
    low, high = ids.amin(0).tolist(), ids.amax(0).tolist()
    return f"index {low[0]:g}  y {low[1]:g}..{high[1]:g}  x {low[2]:g}..{high[2]:g}"


def pack_preview(
    layout: Layout,
    strips: list[Strip],
    text_tokens: int,
    hidden_size: int,
    notes: list[str],
) -> torch.Tensor:
    """Return one picture [1,H,W,3] of the packed canvas; the target strip comes first."""
    grids = [Grid(strip.size.token_h, strip.size.token_w) for strip in strips]
    ids, single_ids = image_ids(layout, grids[0], grids[1:])
    counts = [grid.tokens for grid in grids]
    scale = (LONG_SIDE - GAP * (len(strips) + 1)) / sum(strip.size.width for strip in strips)
    height = max(1, round(strips[0].size.height * scale))
    sequence = text_tokens + sum(counts)

    captions = []
    for strip, part, single in zip(
        strips,
        ids.split(counts),
        single_ids.split(counts) if single_ids is not None else [None] * len(counts),
    ):
        tokens = len(part)
        lines = [f"{strip.name}  {strip.size}", id_ranges(part)]
        if single is not None:
            lines.append(f"single blocks: {id_ranges(single)}")
        lines.append(f"{tokens} tokens  {tokens / sequence:.0%} of the step")
        captions.append(lines)

    ratio = cost_ratio(text_tokens, counts[0], sum(counts[1:]), hidden_size)
    summary = [
        f"layout {layout.name}, conditions {'clean' if layout.clean else 'noised'}",
        f"text {text_tokens} tokens, {text_tokens / sequence:.0%} of the step",
        f"a step costs {ratio:.2f} times the target alone",
        *notes,
    ]
    font = ImageFont.load_default(size=15)
    rows = max(map(len, captions))
    total = height + LINE * (rows * len(strips) + len(summary)) + GAP * 4
    canvas = Image.new("RGB", (LONG_SIDE, total), BACKGROUND)
    draw = ImageDraw.Draw(canvas)

    x = GAP
    for number, strip in enumerate(strips):
        width = max(1, round(strip.size.width * scale))
        accent = ACCENTS[number % len(ACCENTS)]
        if strip.picture is not None:
            canvas.paste(to_pil(strip.picture).resize((width, height)), (x, GAP))
        else:
            draw.line((x, GAP, x + width, GAP + height), fill=FAINT)
            draw.line((x, GAP + height, x + width, GAP), fill=FAINT)
        draw.rectangle((x, GAP, x + width - 1, GAP + height - 1), outline=accent, width=3)
        draw.text((x + 8, GAP + 6), str(number + 1), fill=accent, font=font)
        x += width + GAP

    y = height + GAP * 2
    for number, lines in enumerate(captions):
        accent = ACCENTS[number % len(ACCENTS)]
        for row, line in enumerate(lines):
            label = f"{number + 1}  {line}" if row == 0 else f"    {line}"
            draw.text((GAP, y), label, fill=accent if row == 0 else INK, font=font)
            y += LINE
    for line in summary:
        draw.text((GAP, y), line, fill=FAINT, font=font)
        y += LINE
    return to_tensor(canvas.crop((0, 0, LONG_SIDE, y + GAP)))[None]


def order_note(layout: Layout) -> list[str]:
    """Return what a reader should know of a layout beyond its ids."""
    if layout.name == VITONHD:
        return ["vitonhd: adaptive ids in the double blocks, plain canvas ids in the single ones"]
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
