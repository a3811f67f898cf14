"""Shop cut-outs: a garment with transparency laid on white, as the method expects garments."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .images import checked_image, image_size
from .masks import checked_mask

SEEN = 0.05
"""An opacity up to this is no part of the garment: cut-outs leave such dust in the background."""


def on_white(
    image: torch.Tensor, mask: torch.Tensor, crop: bool = True, margin: float = 0.05
) -> torch.Tensor:
    """Return the picture [B,h,w,3] on white where `mask` [B,H,W] is 1, as LoadImage gives it.

    Between 0 and 1 the mask blends. A mask of another size is stretched to the picture's; batches
    pair up, 1 repeats. With `crop` only the box of what is seen is kept, with a margin of this
    share of the box's longer side, white where it goes beyond the picture; a batch has one box
    around all. A mask of zeros hides nothing, so that the picture comes back as it is.

    Raises:
        ValueError: a picture or mask that is none, numbers that do not pair up, or a mask that
            hides all of a picture.
    """
    image = checked_image(image, "cut-out")
    opacity = 1 - checked_mask(mask, image_size(image))
    if len(image) != len(opacity) and 1 not in (len(image), len(opacity)):
        raise ValueError(
            f"{len(image)} pictures meet {len(opacity)} masks, but equal numbers or 1 were "
            "expected: connect image and mask of the same LoadImage, or one of them for all."
        )
    if opacity.min() == 1:
        return image.expand(max(len(image), len(opacity)), -1, -1, -1)
    for number, seen in enumerate(opacity > SEEN, start=1):
        if not seen.any():
            raise ValueError(
                f"The mask hides all of picture {number}, but some of it must stay to be seen: "
                "use LoadImage's own mask (1 is transparent), or put InvertMask before this node."
            )
    laid = torch.lerp(torch.ones_like(image), image, opacity[..., None])
    return cropped(laid, opacity > SEEN, margin) if crop else laid


def cropped(image: torch.Tensor, seen: torch.Tensor, margin: float) -> torch.Tensor:
    """Return [B,h,w,3]: the box around all that is seen [B,H,W], and a margin, on white."""
    rows, columns = (seen.any(0).any(axis).nonzero() for axis in (1, 0))
    top, bottom = rows.min().item(), rows.max().item() + 1
    left, right = columns.min().item(), columns.max().item() + 1
    wide = round(margin * max(bottom - top, right - left))
    size = image_size(image)
    # a negative padding crops
    sides = (wide - left, right + wide - size.width, wide - top, bottom + wide - size.height)
    return F.pad(image, (0, 0, *sides), value=1.0)
