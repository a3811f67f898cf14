"""The registry's icon and banner: `python -m devtools.brand` draws them into docs/.

A garment on a hanger, made of tokens: the cells of a grid, each of which knows its position.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .comfyui import ROOT

ICON = ROOT / "docs" / "icon.png"
BANNER = ROOT / "docs" / "banner.png"
TITLE = "Any2AnyTryon"
LINES = ("Virtual try-on with adaptive positions,", "on the FLUX.1 you already have")

FINE = 4
"""Drawn so many times as large, for smooth edges."""

TOP, BOTTOM = (28, 31, 58), (16, 18, 34)
GRID, AXIS = (50, 55, 92), (92, 100, 158)
WHITE, SOFT = (245, 246, 252), (170, 176, 212)
LEFT_TOKEN, RIGHT_TOKEN = (255, 122, 89), (255, 196, 87)

SHIRT = (
    "..####....####..",
    ".##############.",
    "################",
    "################",
    ".##.########.##.",
    "....########....",
    "....########....",
    "....########....",
    "....########....",
    "....########....",
)
"""Tokens, a letter each."""


@dataclass(frozen=True)
class Sheet:
    """A picture with a grid of square cells; places and lengths are in cells."""

    width: int
    height: int
    cell: int
    """In pixels of the finished picture."""

    def __post_init__(self) -> None:
        size = (self.width * self.cell * FINE, self.height * self.cell * FINE)
        object.__setattr__(self, "picture", gradient(size))
        object.__setattr__(self, "draw", ImageDraw.Draw(self.picture))
        for x in range(1, self.width):
            self.line([(x, 0), (x, self.height)], GRID, 0.04)
        for y in range(1, self.height):
            self.line([(0, y), (self.width, y)], GRID, 0.04)

    def pixels(self, length: float) -> int:
        return round(length * self.cell * FINE)

    def line(self, points: list[tuple[float, float]], colour: tuple, width: float) -> None:
        """Draw a line with round ends and corners."""
        places = [(self.pixels(x), self.pixels(y)) for x, y in points]
        self.draw.line(places, colour, max(1, self.pixels(width)), joint="curve")
        if width > 0.1:
            radius = self.pixels(width) // 2
            for x, y in (places[0], places[-1]):
                self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def token(self, x: float, y: float, colour: tuple) -> None:
        box = [self.pixels(side) for side in (x + 0.08, y + 0.08, x + 0.92, y + 0.92)]
        self.draw.rounded_rectangle(box, self.pixels(0.2), colour)

    def text(self, x: float, y: float, words: str, size: float, colour: tuple) -> None:
        font = ImageFont.load_default(self.pixels(size))
        self.draw.text((self.pixels(x), self.pixels(y)), words, colour, font, anchor="lm")

    def finished(self) -> Image.Image:
        size = (self.width * self.cell, self.height * self.cell)
        return self.picture.resize(size, Image.Resampling.LANCZOS)


def gradient(size: tuple[int, int]) -> Image.Image:
    """Return `TOP` fading to `BOTTOM`."""
    column = Image.new("RGB", (1, 2))
    column.putdata([TOP, BOTTOM])
    return column.resize(size, Image.Resampling.BILINEAR)


def between(share: float) -> tuple[int, ...]:
    """Return a token's colour: from `LEFT_TOKEN` at 0 to `RIGHT_TOKEN` at 1."""
    return tuple(
        round(left + share * (right - left)) for left, right in zip(LEFT_TOKEN, RIGHT_TOKEN)
    )


def draw_garment(sheet: Sheet, left: int, top: int) -> None:
    """Draw the shirt with its upper left corner there, on a hanger."""
    middle, neck = left + len(SHIRT[0]) / 2, top - 1.6
    box = [sheet.pixels(side) for side in (middle - 1, neck - 2.7, middle + 1, neck - 0.7)]
    sheet.draw.arc(box, 180, 90, WHITE, sheet.pixels(0.42))
    sheet.line([(middle, neck), (middle, neck - 0.9)], WHITE, 0.42)
    sheet.line([(middle - 3.8, top + 0.3), (middle, neck), (middle + 3.8, top + 0.3)], WHITE, 0.42)
    for y, row in enumerate(SHIRT):
        for x, letter in enumerate(row):
            if letter == "#":
                sheet.token(left + x, top + y, between((x + y) / (len(row) + len(SHIRT) - 2)))


def draw_axes(sheet: Sheet, x: float, y: float, right: float, top: float) -> None:
    """Draw the two axes from their origin."""
    sheet.line([(x, top), (x, y), (right, y)], AXIS, 0.16)
    sheet.line([(x - 0.4, top + 0.5), (x, top), (x + 0.4, top + 0.5)], AXIS, 0.16)
    sheet.line([(right - 0.5, y - 0.4), (right, y), (right - 0.5, y + 0.4)], AXIS, 0.16)


def icon() -> Image.Image:
    sheet = Sheet(20, 20, cell=20)
    draw_axes(sheet, 1, 19, 19, 1)
    draw_garment(sheet, left=2, top=7)
    return sheet.finished()


def banner() -> Image.Image:
    sheet = Sheet(56, 24, cell=30)
    draw_axes(sheet, 2, 22, 54, 2)
    draw_garment(sheet, left=4, top=9)
    sheet.text(24, 10.2, TITLE, 4.2, WHITE)
    for place, line in enumerate(LINES):
        sheet.text(24.2, 14 + 2 * place, line, 1.45, SOFT)
    return sheet.finished()


def saved(picture: Image.Image, path: Path) -> None:
    """Write the picture, whole or not at all."""
    temporary = path.with_suffix(".part")
    picture.save(temporary, "PNG", optimize=True)
    temporary.replace(path)
    print(path.relative_to(ROOT))


def main() -> None:
    saved(icon(), ICON)
    saved(banner(), BANNER)


if __name__ == "__main__":
    main()
