"""The way back: from the generated picture to the person's own photo."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .change import change_mask
from .geometry import Size
from .images import checked_image, image_size, resized, unpadded
from .masks import checked_mask
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
    mask_from_change: bool = False,
    sensitivity: float = 0.5,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return `picture` [B,H,W,3], pasted onto the original if asked, and the mask [B,H,W] used.

    Original and mask ask for it; so does the original alone with `mask_from_change`, which makes
    the mask from what differs (`change_mask`). The mask is 1 everywhere where nothing is pasted. At
    `size` generated the original is brought to the picture's size first.

    Raises:
        ValueError: only one of original and mask is given, or nothing to find the change against.
    """
    if original is None and mask is None and not mask_from_change:
        return picture, torch.ones(picture.shape[:3])
    if original is None and mask is None:
        raise ValueError(
            "mask_from_change is on, but there is no original to see a change against: connect "
            "the person's photo to original, or switch mask_from_change off."
        )
    if original is None or (mask is None and not mask_from_change):
        given, remedy = (
            ("mask", "connect original too")
            if original is None
            else ("original", "connect mask too, switch mask_from_change on")
        )
        raise ValueError(
            f"Only {given} is connected, but pasting needs both: {remedy}, or take {given} away."
        )
    original = checked_image(original, "original")
    if size == GENERATED:
        original = resized(original, image_size(picture))
    picture = resized(picture, image_size(original))
    if mask is None:
        batch = max(len(picture), len(original))
        picture, original = paired(picture, batch), paired(original, batch)
        mask = change_mask(picture, original, sensitivity, margin=feather)
    return pasted(picture, original, mask, feather)


def pasted(
    picture: torch.Tensor, original: torch.Tensor, mask: torch.Tensor, feather: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return `picture` pasted onto `original`, both [B,H,W,3], and the feathered mask [B,H,W].

    The mask is brought to their size. The feather runs inwards, so that outside the mask every
    pixel is the original's, to the last bit.
    """
    alpha = feathered_mask(mask, image_size(original), feather)
    batch = max(len(picture), len(original), len(alpha))
    picture, original, alpha = (paired(part, batch) for part in (picture, original, alpha))
    return torch.lerp(original, picture, alpha[..., None]), alpha


def feathered_mask(mask: torch.Tensor, size: Size, feather: int) -> torch.Tensor:
    """Return the mask [B,H,W] at `size`, rising from 0 at its edge to 1 `feather` pixels inside.

    A box blur of radius `feather` is 0.5 on a straight edge and 1 from `feather` pixels inside on;
    stretching its upper half over 0..1 makes the ramp. The picture's own border is no edge.

    Raises:
        ValueError: the mask is not [B,H,W], holds no pixel, or is not finite.
    """
    mask = checked_mask(mask, size)[:, None]
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
