"""Sizes in pixels: what fits where, before any picture is touched.

All rules are the published scripts' own (Any2anyTryon, infer.py and app.py): targets are floored
to whole tokens, persons are fitted and padded, other conditions are scaled to the target's height
and cropped to whole tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

TOKEN_PIXELS = 16
"""One token covers 16x16 pixels: the VAE's 8 times FLUX.1's 2x2 patch."""

LATENT_PIXELS = 8
"""One latent cell covers 8x8 pixels."""

WIDEST_PANEL = 4
"""A condition wider than this many targets is taken for a mistake: its tokens would dominate."""


def floor_to_token(pixels: int) -> int:
    """Return the largest multiple of 16 that is not above `pixels`."""
    return pixels - pixels % TOKEN_PIXELS


@dataclass(frozen=True)
class Size:
    """A picture's size in pixels."""

    width: int
    height: int

    @property
    def token_w(self) -> int:
        return self.width // TOKEN_PIXELS

    @property
    def token_h(self) -> int:
        return self.height // TOKEN_PIXELS

    @property
    def tokens(self) -> int:
        return self.token_w * self.token_h

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class Frame:
    """Where kept tokens lie in the panel that they were cut out of; all in tokens.

    token_h, token_w: the whole panel; y, x: its row and column where the kept tokens begin.
    """

    token_h: int
    token_w: int
    y: int = 0
    x: int = 0

    def __str__(self) -> str:
        return f"{self.token_h}x{self.token_w}@{self.y}+{self.x}"


@dataclass(frozen=True)
class Margins:
    """What padding added on each side, in pixels."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def box_in(self, padded: Size, current: Size) -> tuple[int, int, int, int]:
        """Return the unpadded box (left, top, right, bottom) in a picture of size `current`.

        The margins were measured at size `padded`; an upscaler may have changed it since. The box
        keeps at least one pixel each way.
        """
        x_scale = current.width / padded.width
        y_scale = current.height / padded.height
        left = min(round(self.left * x_scale), current.width - 1)
        top = min(round(self.top * y_scale), current.height - 1)
        right = max(current.width - round(self.right * x_scale), left + 1)
        bottom = max(current.height - round(self.bottom * y_scale), top + 1)
        return left, top, right, bottom


def target_size(width: int, height: int) -> Size:
    """Return the target's size: both sides floored to multiples of 16 pixels.

    Raises:
        ValueError: a side is under 16 pixels.
    """
    if width < TOKEN_PIXELS or height < TOKEN_PIXELS:
        raise ValueError(
            f"The target is {width}x{height} pixels, but each side needs at least "
            f"{TOKEN_PIXELS}: raise width and height (768x576 or 1024x768 are usual)."
        )
    return Size(floor_to_token(width), floor_to_token(height))


def fitted_size(image: Size, target: Size, what: str = "person") -> Size:
    """Return the size at which `image` just fits into `target`, aspect kept.

    Formula: resize_and_pad_to_size of the reference, with its truncating `int`.

    Raises:
        ValueError: a side would come out at 0 pixels.
    """
    ratio = image.width / image.height
    if ratio > target.width / target.height:
        fitted = Size(target.width, int(target.width / ratio))
    else:
        fitted = Size(int(target.height * ratio), target.height)
    if fitted.width < 1 or fitted.height < 1:
        raise ValueError(
            f"The {what} picture is {image} pixels, so long and thin that it would be 0 pixels "
            f"wide or high inside the {target} target: crop it to the {what} first."
        )
    return fitted


def centred_margins(inner: Size, outer: Size) -> Margins:
    """Return the margins that centre `inner` in `outer`; odd pixels go right and down."""
    left = (outer.width - inner.width) // 2
    top = (outer.height - inner.height) // 2
    return Margins(left, top, outer.width - inner.width - left, outer.height - inner.height - top)


def height_scaled_size(image: Size, height: int) -> Size:
    """Return `image` scaled to `height` pixels, aspect kept, width truncated."""
    return Size(int(image.width * height / image.height), height)


def strip_size(image: Size, target: Size, what: str = "garment") -> Size:
    """Return the size of a condition panel as high as the target, in whole tokens.

    Formula: resize_by_height, then crop_to_multiple_of_16, of the reference.

    Raises:
        ValueError: the panel would be under one token or over `WIDEST_PANEL` targets wide.
    """
    scaled = height_scaled_size(image, target.height)
    panel = Size(floor_to_token(scaled.width), target.height)
    if panel.width == 0:
        raise ValueError(
            f"The {what} picture is {image} pixels: scaled to the target's height of "
            f"{target.height} it is only {scaled.width} wide, but a panel needs at least "
            f"{TOKEN_PIXELS}: crop it to the {what}, or raise the target's height."
        )
    if panel.width > WIDEST_PANEL * target.width:
        raise ValueError(
            f"The {what} picture is {image} pixels: scaled to the target's height it is "
            f"{panel.width} wide, {panel.tokens} tokens, but at most {WIDEST_PANEL} times the "
            f"target's width of {target.width} is allowed: crop it to the {what}, or make the "
            "target wider."
        )
    return panel


def canvas_size(image: Size, max_side: int = 1024, min_side: int = 384) -> Size:
    """Return a target size with the picture's aspect, floored to multiples of 16.

    Formula: update_dimensions of the reference's app.py: no side over `max_side` pixels, and not
    both under `min_side`.

    Raises:
        ValueError: the limits contradict each other, or a side would come out under 16 pixels.
    """
    if min_side > max_side:
        raise ValueError(
            f"min_side is {min_side} and max_side is {max_side}: "
            "min_side must not be larger; lower it or raise max_side."
        )
    width, height, ratio = image.width, image.height, image.width / image.height
    if height > max_side:
        width, height = int(max_side * ratio), max_side
    if width > max_side:
        width, height = max_side, int(max_side / ratio)
    if height < min_side and width < min_side:
        if height < width:
            width, height = int(min_side * ratio), min_side
        else:
            width, height = min_side, int(min_side / ratio)
        if max(width, height) > max_side:
            shrink = max_side / max(width, height)
            width, height = int(width * shrink), int(height * shrink)
    return target_size(width, height)
