"""Position ids (index, y, x) of every panel, written from the table in the paper's method.

A panel is named by its size in tokens (height, width). On the grid that was packed all ids are
whole; on another one the conditions' are stretched, centre-aligned.
"""

from __future__ import annotations

import torch

Tokens = tuple[int, int]


def stretched(tokens: int, first: float, scale: float) -> torch.Tensor:
    """Return [tokens] coordinates whose cell `i` is centred `scale` times further on."""
    return torch.tensor([first + (i + 0.5) * scale - 0.5 for i in range(tokens)])


def panel_ids(index: int, ys: torch.Tensor, xs: torch.Tensor) -> torch.Tensor:
    """Return [h*w,3], row by row."""
    return torch.tensor([[index, y, x] for y in ys.tolist() for x in xs.tolist()])


def adaptive(target: Tokens, person: Tokens | None, garments: list[Tokens]) -> list[torch.Tensor]:
    """Return the adaptive ids of target, person and garments, in that order."""
    height, width = target
    ids = [panel_ids(0, stretched(height, 0, 1), stretched(width, 0, 1))]
    if person and garments:
        ids.append(
            panel_ids(
                1,
                stretched(person[0], 0, height / person[0]),
                stretched(person[1], 0, width / person[1]),
            )
        )
        index, strips = 2, garments
    else:
        index, strips = 1, [person] if person else garments
    column = float(width)
    for strip_h, strip_w in strips:
        scale = height / strip_h
        ids.append(
            panel_ids(index, stretched(strip_h, 0, scale), stretched(strip_w, column, scale))
        )
        column += strip_w * scale
    return ids


def canvas(
    target: Tokens, person: Tokens | None, garments: list[Tokens], target_last: bool = False
) -> list[torch.Tensor]:
    """Return plain ids of one wide picture, for target, person and garments, in that order.

    A person beside a garment stays exactly as wide as the target.
    """
    conditions = ([person] if person else []) + garments
    panels = [*conditions, target] if target_last else [target, *conditions]
    ids, column = [], 0.0
    for panel in panels:
        y_scale = target[0] / panel[0]
        x_scale = target[1] / panel[1] if garments and panel is person else y_scale
        ys, xs = stretched(panel[0], 0, y_scale), stretched(panel[1], column, x_scale)
        ids.append(panel_ids(0, ys, xs))
        column += panel[1] * x_scale
    return [ids[-1], *ids[:-1]] if target_last else ids


def layout_ids(
    layout: str, target: Tokens, person: Tokens | None, garments: list[Tokens]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids [N,3] for the double blocks and for the single blocks."""
    if layout == "canvas":
        both = torch.cat(canvas(target, person, garments))
        return both, both
    double = torch.cat(adaptive(target, person, garments))
    if layout == "vitonhd":
        return double, torch.cat(canvas(target, person, garments, target_last=True))
    return double, double
