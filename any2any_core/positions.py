"""Position ids: where each token stands, as (index, y, x).

A grid is a tensor [h,w,3] of one panel's ids; its tokens are rows of [h*w,3]. When the target's
grid is the one that was packed, all ids are the reference's whole numbers (FluxTryonPipeline,
_prepare_latent_image_ids). On another grid (a second pass after an upscale) the conditions' ids
are stretched, centre-aligned, and become fractional; the reference has no rule for that.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .geometry import Frame
from .layout import CANVAS, VITONHD, Layout


@dataclass(frozen=True)
class Grid:
    """A panel's size in tokens."""

    token_h: int
    token_w: int

    @property
    def tokens(self) -> int:
        return self.token_h * self.token_w


def stretched_axis(tokens: int, scale: float) -> torch.Tensor:
    """Return [tokens] ids, centre-aligned: id(i) = (i + 0.5) * scale - 0.5; whole at scale 1."""
    return (torch.arange(tokens, dtype=torch.float32) + 0.5) * scale - 0.5


def grid_ids(index: int, ys: torch.Tensor, xs: torch.Tensor) -> torch.Tensor:
    """Return [h,w,3]: one index, the rows' y and the columns' x."""
    y, x = torch.meshgrid(ys, xs, indexing="ij")
    return torch.stack([torch.full_like(y, index), y, x], dim=-1)


def adaptive_ids(layout: Layout, target: Grid, conditions: list[Grid]) -> torch.Tensor:
    """Return [N,3] adaptive ids, tokens in the order target, then conditions.

    The target has index 0. A person beside garments has index 1 and the target's own columns; the
    garments share index 2 and run on from the target's width. A lone kind of condition has index
    1 and runs on from the target's width.
    """
    garment_index = 2 if layout.person_on_target else 1
    column = float(target.token_w)
    grids = [grid_ids(0, stretched_axis(target.token_h, 1), stretched_axis(target.token_w, 1))]
    for number, grid in enumerate(conditions):
        frame = checked_frame(layout, number, grid)
        y_scale = target.token_h / frame.token_h
        on_target = number == 0 and layout.person_on_target
        x_scale = target.token_w / frame.token_w if on_target else y_scale
        ys, xs = kept_axes(frame, grid, y_scale, x_scale)
        if on_target:
            grids.append(grid_ids(1, ys, xs))
        else:
            grids.append(grid_ids(garment_index, ys, column + xs))
            column += frame.token_w * y_scale
    return flattened(grids)


def canvas_ids(
    layout: Layout, target: Grid, conditions: list[Grid], target_last: bool = False
) -> torch.Tensor:
    """Return [N,3] plain ids of one wide picture: index 0, x running over the panels.

    Tokens come in the order target, then conditions; `target_last` moves only the target's
    *columns* behind the conditions' (the vitonhd order: person, garment, target).
    """
    frames = [checked_frame(layout, number, grid) for number, grid in enumerate(conditions)]
    scales = [target.token_h / frame.token_h for frame in frames]
    x_scales = list(scales)
    if layout.person_on_target:
        x_scales[0] = target.token_w / frames[0].token_w
    widths = [frame.token_w * scale for frame, scale in zip(frames, x_scales)]

    target_column = sum(widths) if target_last else 0.0
    column = 0.0 if target_last else float(target.token_w)
    target_xs = target_column + stretched_axis(target.token_w, 1)
    grids = [grid_ids(0, stretched_axis(target.token_h, 1), target_xs)]
    for grid, frame, y_scale, x_scale, width in zip(conditions, frames, scales, x_scales, widths):
        ys, xs = kept_axes(frame, grid, y_scale, x_scale)
        grids.append(grid_ids(0, ys, column + xs))
        column += width
    return flattened(grids)


def checked_frame(layout: Layout, number: int, grid: Grid) -> Frame:
    """Return the frame that condition `number`'s tokens lie in.

    Raises:
        ValueError: they do not fit into it.
    """
    frame = layout.frame(number, grid.token_h, grid.token_w)
    if frame.y + grid.token_h > frame.token_h or frame.x + grid.token_w > frame.token_w:
        raise ValueError(
            f"Condition {number + 1} has {grid.token_h}x{grid.token_w} tokens, which do not fit "
            f"into its frame {frame}: a node after AdaptivePositionPack changed it; take it away."
        )
    return frame


def kept_axes(
    frame: Frame, grid: Grid, y_scale: float, x_scale: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the ids y [h] and x [w] that kept tokens have in their whole panel."""
    ys = stretched_axis(frame.token_h, y_scale)[frame.y : frame.y + grid.token_h]
    xs = stretched_axis(frame.token_w, x_scale)[frame.x : frame.x + grid.token_w]
    return ys, xs


def flattened(grids: list[torch.Tensor]) -> torch.Tensor:
    """Return the grids' tokens [N,3], row by row, grid after grid."""
    return torch.cat([grid.reshape(-1, 3) for grid in grids])


def image_ids(
    layout: Layout, target: Grid, conditions: list[Grid]
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return ids [N,3] for all blocks, and the single blocks' own [N,3] where they differ.

    `vitonhd` was trained on double blocks only: adaptive ids there, and in the single blocks the
    plain canvas with the target last (the reference's test_vitonhd.py).

    Raises:
        ValueError: the number of grids is not the layout's number of panels.
    """
    if len(conditions) != len(layout.roles):
        raise ValueError(
            f"The conditioning carries {len(conditions)} condition latents, but its layout names "
            f"{len(layout.roles)} panels ({', '.join(layout.roles)}): a node after "
            "AdaptivePositionPack changed them; put ReferenceLatent and the like before it or away."
        )
    if layout.name == CANVAS:
        return canvas_ids(layout, target, conditions), None
    adaptive = adaptive_ids(layout, target, conditions)
    if layout.name == VITONHD:
        return adaptive, canvas_ids(layout, target, conditions, target_last=True)
    return adaptive, None
