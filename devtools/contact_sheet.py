"""Pictures in a row, each with its caption."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageFont

GAP, CAPTION, FONT = 16, 28, 16
"""Pixels: between pictures, for the captions' row, and the captions' size."""


def contact_sheet(pictures: dict[str, Image.Image], scale: int = 1) -> Image.Image:
    """Return the pictures in a row on white, `scale` times as large, under their captions."""
    enlarged = {
        caption: picture.resize((picture.width * scale, picture.height * scale), Image.NEAREST)
        for caption, picture in pictures.items()
    }
    font = ImageFont.load_default(FONT)
    columns = [max(one.width, math.ceil(font.getlength(said))) for said, one in enlarged.items()]
    width = sum(columns) + GAP * (len(columns) + 1)
    height = max(picture.height for picture in enlarged.values()) + CAPTION + GAP
    sheet = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(sheet)
    left = GAP
    for column, (caption, picture) in zip(columns, enlarged.items()):
        draw.text((left, CAPTION // 2), caption, fill="black", font=font, anchor="lm")
        sheet.paste(picture, (left, CAPTION))
        left += column + GAP
    return sheet
