"""The way back: from the generated picture to the person's own photo."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .geometry import Size
from .images import checked_image, image_size, resized, unpadded
from .panels import Conditions

ORIGINAL = "original"
GENERATED = "generated"
SIZES = (ORIGINAL, GENERATED)


def restored_picture(image: torch.Tensor, conditions: Conditions, size: str) -> torch.Tensor:
    """Return the picture [B,h,w,3] without its padding, at the person's own size if asked.

    Margins are scaled by image size / target size, so an upscaler may stand in between. A lone
    condition was never padded onto the target, so only its target's own frame comes back.
    """
    image = checked_image(image, "generated")
    person = conditions.person
    if person is None or len(conditions.panels) == 1:
        return image
    picture = unpadded(image, person.margins, conditions.target)
    return resized(picture, person.source) if size == ORIGINAL else picture


def pasted_if_asked(
    picture: torch.Tensor,
    original: torch.Tensor | None,
    mask: torch.Tensor | None,
    size: str,
    feather: int,
) -> torch.Tensor:
    """Return `picture` [B,H,W,3], pasted onto the original where original and mask are given.

    At `size` generated the original is brought to the picture's size first.

    Raises:
        ValueError: only one of original and mask is given.
    """
    if original is None and mask is None:
        return picture
    if original is None or mask is None:
        given, missing = ("mask", "original") if original is None else ("original", "mask")
        raise ValueError(
            f"Only {given} is connected, but pasting needs both: connect {missing} too, or take "
            f"{given} away."
        )
    original = checked_image(original, "original")
    if size == GENERATED:
        original = resized(original, image_size(picture))
    return pasted(picture, original, mask, feather)


def pasted(
    picture: torch.Tensor, original: torch.Tensor, mask: torch.Tensor, feather: int
) -> torch.Tensor:
    """Return `picture` [B,H,W,3] pasted onto `original` inside `mask` [B,H,W].

    Picture and mask are brought to the original's size. The feather runs inwards, so that outside
    the mask every pixel is the original's, to the last bit.
    """
    size = image_size(original)
    alpha = feathered_mask(mask, size, feather)[..., None]
    picture = resized(picture, size)
    batch = max(len(picture), len(original), len(alpha))
    picture, original, alpha = (paired(part, batch) for part in (picture, original, alpha))
    return torch.lerp(original, picture, alpha)


def feathered_mask(mask: torch.Tensor, size: Size, feather: int) -> torch.Tensor:
    """Return the mask [B,H,W] at `size`, rising from 0 at its edge to 1 `feather` pixels inside.

    A box blur of radius `feather` is 0.5 on a straight edge and 1 from `feather` pixels inside on;
    stretching its upper half over 0..1 makes the ramp. The picture's own border is no edge.

    Raises:
        ValueError: the mask is not [B,H,W] or not finite.
    """
    if mask.ndim == 2:
        mask = mask[None]
    if mask.ndim != 3 or not torch.isfinite(mask).all():
        raise ValueError(
            f"The mask has shape {tuple(mask.shape)} or NaN in it, but finite [batch, height, "
            "width] was expected: connect a MASK (LoadImage's second output, or a segmenter's)."
        )
    mask = mask.float().cpu().clamp(0, 1)[:, None]
    if mask.shape[-2:] != (size.height, size.width):
        mask = F.interpolate(mask, (size.height, size.width), mode="bilinear", antialias=True)
    if feather > 0:
        ramp = mask
        for padding, kernel in (
            ((feather, feather, 0, 0), (1, 2 * feather + 1)),
            ((0, 0, feather, feather), (2 * feather + 1, 1)),
        ):
            ramp = F.avg_pool2d(F.pad(ramp, padding, mode="replicate"), kernel, stride=1)
        mask = mask * (2 * ramp - 1).clamp(0, 1)
    return mask[:, 0]


def paired(images: torch.Tensor, batch: int) -> torch.Tensor:
    """Return images [batch,...]: 1 repeats, anything else must be `batch` already.

    Raises:
        ValueError: another number.
    """
    if len(images) not in (1, batch):
        raise ValueError(
            f"{len(images)} pictures meet {batch}, but equal numbers or 1 were expected: "
            "give original and mask as many pictures as the result, or one for all."
        )
    return images.expand(batch, *images.shape[1:])
