"""Pictures in and out: IMAGE tensors to panels, and back to the person's own size.

IMAGE is float [B,H,W,C] in 0..1. Every resize is Pillow's default on 8-bit RGB, as in the
reference (`Image.resize`: bicubic, antialiased), so that panels match it to the last level.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from .geometry import Margins, Size, centred_margins, fitted_size, height_scaled_size, strip_size

WHITE = (255, 255, 255)


def image_size(image: torch.Tensor) -> Size:
    """Return the size of an IMAGE [B,H,W,C] in pixels."""
    return Size(width=image.shape[2], height=image.shape[1])


def checked_image(image: torch.Tensor, what: str) -> torch.Tensor:
    """Return `image` as [B,H,W,3] in 0..1: gray repeated, a fourth channel laid on white.

    Raises:
        ValueError: wrong dimensions or channels, an empty picture, or NaN or infinite pixels.
    """
    if image.ndim != 4 or image.shape[-1] not in (1, 3, 4):
        raise ValueError(
            f"The {what} picture has shape {tuple(image.shape)}, but [batch, height, width, "
            "channels] with 1, 3 or 4 channels was expected: connect an IMAGE, not a latent."
        )
    if 0 in image.shape:
        raise ValueError(
            f"The {what} picture has shape {tuple(image.shape)}, which holds no pixel: "
            "connect a picture of at least 1x1."
        )
    if not torch.isfinite(image).all():
        raise ValueError(
            f"The {what} picture has NaN or infinite pixels, but numbers from 0 to 1 were "
            "expected: look at the node before it (a VAE in half precision makes such pictures)."
        )
    image = image.detach().float().cpu().clamp(0, 1)
    if image.shape[-1] == 1:
        return image.expand(-1, -1, -1, 3)
    if image.shape[-1] == 4:
        alpha = image[..., 3:]
        return image[..., :3] * alpha + (1 - alpha)
    return image


def to_pil(picture: torch.Tensor) -> Image.Image:
    """Return one picture [H,W,3] in 0..1 as 8-bit RGB."""
    return Image.fromarray((picture * 255).round().to(torch.uint8).cpu().numpy())


def to_tensor(picture: Image.Image) -> torch.Tensor:
    """Return an RGB picture as [H,W,3] float32 in 0..1."""
    return torch.from_numpy(np.array(picture.convert("RGB"), dtype=np.float32) / 255)


def each_picture(image: torch.Tensor, change) -> torch.Tensor:
    """Return [B,H',W',3]: `change` (PIL to PIL) applied to every picture of [B,H,W,3]."""
    return torch.stack([to_tensor(change(to_pil(picture))) for picture in image])


def resized(image: torch.Tensor, size: Size) -> torch.Tensor:
    """Return [B,H,W,3] resized; untouched, not even rounded to 8 bits, when it has that size."""
    if image_size(image) == size:
        return image
    return each_picture(image, lambda picture: picture.resize((size.width, size.height)))


def padded_person(image: torch.Tensor, target: Size) -> tuple[torch.Tensor, Margins]:
    """Return the person [B,H,W,3] fitted into `target` on white, and the margins added."""
    fitted = fitted_size(image_size(image), target)
    margins = centred_margins(fitted, target)

    def pad(picture: Image.Image) -> Image.Image:
        canvas = Image.new("RGB", (target.width, target.height), WHITE)
        canvas.paste(picture.resize((fitted.width, fitted.height)), (margins.left, margins.top))
        return canvas

    return each_picture(image, pad), margins


def strip_picture(image: torch.Tensor, target: Size, what: str) -> torch.Tensor:
    """Return a condition [B,H,W,3] at the target's height, cropped, centred, to whole tokens."""
    panel = strip_size(image_size(image), target, what)
    scaled = height_scaled_size(image_size(image), target.height)
    left = (scaled.width - panel.width) // 2

    def crop(picture: Image.Image) -> Image.Image:
        whole = picture.resize((scaled.width, scaled.height))
        return whole.crop((left, 0, left + panel.width, panel.height))

    return each_picture(image, crop)


def unpadded(image: torch.Tensor, margins: Margins, padded: Size) -> torch.Tensor:
    """Return [B,h,w,3]: `image` without the margins that were added at size `padded`."""
    left, top, right, bottom = margins.box_in(padded, image_size(image))
    return image[:, top:bottom, left:right]
