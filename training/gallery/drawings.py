"""Pictures that need no model: a schedule, sizes, a cut-out."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from any2any_core.geometry import Size, canvas_size
from any2any_core.images import to_pil
from any2any_core.schedule import canvas_mu, reference_sigmas
from devtools.contact_sheet import contact_sheet

from .studio import Studio, image, top


def schedule(studio: Studio) -> Image.Image:
    """Draw the sigmas of 30 steps at 576x768 px, with and without the conditions' tokens."""
    width, height, edge = 640, 360, 48
    drawn = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(drawn), ImageFont.load_default(15)
    draw.line((edge, 16, edge, height - edge, width - 16, height - edge), fill="gray")
    draw.text((8, 10), "sigma", fill="gray", font=font)
    draw.text((width - 80, height - edge + 14), "30 steps", fill="gray", font=font)
    target = (576 // 16) * (768 // 16)
    for tokens, colour, name, row in (
        (3 * target, "#1d6fd8", "whole canvas: person, garment and target", 0),
        (target, "#d8841d", "the target alone", 1),
    ):
        sigmas = reference_sigmas(30, canvas_mu(tokens)).tolist()
        points = [
            (
                edge + index / 30 * (width - edge - 16),
                height - edge - sigma * (height - edge - 16),
            )
            for index, sigma in enumerate(sigmas)
        ]
        draw.line(points, fill=colour, width=3)
        draw.text((edge + 24, height - edge - 64 + 24 * row), name, fill=colour, font=font)
    return drawn


def sizes(studio: Studio) -> Image.Image:
    """Draw photos of several shapes, to scale, in the sizes that Any2AnyCanvas gives them."""
    photos = {
        "3000x4000": (0, 0, 144, 192),
        "4000x3000": (0, 4, 144, 112),
        "2000x2000": (0, 0, 144, 144),
        "320x240": (0, 4, 144, 112),
    }
    made = {}
    for name, box in photos.items():
        size = canvas_size(Size(*map(int, name.split("x"))), 1024, 384)
        shown = studio.person.crop(box).resize((size.width // 4, size.height // 4), Image.LANCZOS)
        made[f"{name} to {size}"] = shown
    return contact_sheet(made)


def cut_out(studio: Studio) -> Image.Image:
    """Show a top whose white is transparent, over a checkerboard, and laid on white."""
    flat_top = top(7)
    seen = np.asarray(flat_top).min(axis=2) < 250
    squares = (np.indices(seen.shape) // 8).sum(axis=0) % 2 * 40 + 180
    shown = np.where(seen[..., None], flat_top, squares[..., None]).astype(np.uint8)
    hidden = torch.from_numpy(~seen)[None].float()
    (white,) = studio.run("Any2AnyOnWhite", image=image(flat_top), mask=hidden)
    return contact_sheet({"cut-out": Image.fromarray(shown), "on white": to_pil(white[0])}, 2)
