"""A garment's empty surround: tokens that show nothing but background, and may be dropped."""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F

from .geometry import LATENT_PIXELS, TOKEN_PIXELS, Frame
from .panels import GARMENT, Conditions, Panel

VISIBLE = 0.04
"""How far from the background's colour a pixel must be to be seen, of 1; JPEG's noise is below."""

CELLS = TOKEN_PIXELS // LATENT_PIXELS


def without_surround(conditions: Conditions) -> Conditions:
    """Return the conditions with every garment's latent cut to what is not empty.

    The pictures and the panels' sizes stay; a panel that lost something has a `frame`.
    """
    panels, latents = [], []
    for panel, latent in zip(conditions.panels, conditions.latents):
        frame, (height, width) = content_frame(panel)
        if panel.role == GARMENT and (height, width) != (frame.token_h, frame.token_w):
            rows = slice(frame.y * CELLS, (frame.y + height) * CELLS)
            columns = slice(frame.x * CELLS, (frame.x + width) * CELLS)
            panel, latent = replace(panel, frame=frame), latent[..., rows, columns].contiguous()
        panels.append(panel)
        latents.append(latent)
    return replace(conditions, panels=tuple(panels), latents=tuple(latents))


def content_frame(panel: Panel) -> tuple[Frame, tuple[int, int]]:
    """Return the frame of a panel's content, and the content's tokens (height, width).

    The background is the border's median colour; one token is kept around what differs from it,
    since the autoencoder looks about as far. A batch keeps what any of its pictures needs; a
    picture without content keeps everything.
    """
    seen = visible_tokens(panel.picture).any(0)
    token_h, token_w = seen.shape
    if not seen.any():
        return Frame(token_h, token_w), (token_h, token_w)
    rows, columns = seen.any(1).nonzero().flatten(), seen.any(0).nonzero().flatten()
    top, left = (max(0, int(axis[0]) - 1) for axis in (rows, columns))
    bottom = min(token_h, int(rows[-1]) + 2)
    right = min(token_w, int(columns[-1]) + 2)
    return Frame(token_h, token_w, top, left), (bottom - top, right - left)


def visible_tokens(pictures: torch.Tensor) -> torch.Tensor:
    """Return [B,h,w] bool for pictures [B,H,W,3]: whether a token shows more than background."""
    border = torch.cat(
        (pictures[:, 0], pictures[:, -1], pictures[:, :, 0], pictures[:, :, -1]), dim=1
    )
    background = border.median(dim=1).values[:, None, None]
    differs = (pictures - background).abs().amax(-1) > VISIBLE
    return F.max_pool2d(differs.float()[:, None], TOKEN_PIXELS)[:, 0] > 0
