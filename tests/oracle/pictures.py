"""The published scripts' image preparation, on Pillow pictures."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image


def pictures_of(image: torch.Tensor | None, batch: int) -> list[Image.Image] | None:
    """Return the pictures of an IMAGE [B,H,W,3] in 0..1, one repeated `batch` times."""
    if image is None:
        return None
    pictures = [Image.fromarray((one * 255).round().byte().numpy()) for one in image]
    return pictures * batch if len(pictures) == 1 else pictures


def on_white(photo: Image.Image, width: int, height: int) -> Image.Image:
    """Return the person fitted into width x height and centred on white."""
    ratio = photo.width / photo.height
    if ratio > width / height:
        fitted = photo.resize((width, int(width / ratio)))
    else:
        fitted = photo.resize((int(height * ratio), height))
    padded = Image.new("RGB", (width, height), "white")
    padded.paste(fitted, ((width - fitted.width) // 2, (height - fitted.height) // 2))
    return padded


def strip(photo: Image.Image, height: int) -> Image.Image:
    """Return the photo at `height`, cropped, centred, to a multiple of 16 in width."""
    scaled = photo.resize((int(photo.width * height / photo.height), height))
    width = scaled.width // 16 * 16
    left = (scaled.width - width) // 2
    return scaled.crop((left, 0, left + width, height))


def as_image(pictures: list[Image.Image]) -> torch.Tensor:
    """Return equal-sized pictures as an IMAGE [B,H,W,3] in 0..1."""
    return torch.stack([torch.tensor(np.array(one) / 255, dtype=torch.float32) for one in pictures])


def condition_panels(
    person: torch.Tensor | None, garments: list[torch.Tensor], width: int, height: int
) -> list[torch.Tensor]:
    """Return each condition's picture [B,H,W',3], person first; photos are IMAGEs in 0..1."""
    batch = max(image.shape[0] for image in [person, *garments] if image is not None)
    panels = []
    if person is not None:
        photos = pictures_of(person, batch)
        if garments:
            panels.append(as_image([on_white(photo, width, height) for photo in photos]))
        else:
            panels.append(as_image([strip(photo, height) for photo in photos]))
    for garment in garments:
        panels.append(as_image([strip(photo, height) for photo in pictures_of(garment, batch)]))
    return panels


def encoded_together(panels: list[torch.Tensor], encode) -> list[torch.Tensor]:
    """Return each panel's latent [B,16,H/8,W/8]; all are encoded as one joined picture."""
    latent = encode(torch.cat(panels, dim=2))
    return list(latent.split([panel.shape[2] // 8 for panel in panels], dim=-1))
