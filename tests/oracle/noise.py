"""Starting noise: ComfyUI's draw and the published scripts' draw."""

from __future__ import annotations

import torch


def comfy_noise(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Return ComfyUI's noise for a latent of `shape`: one float32 draw for the whole batch."""
    return torch.randn(shape, generator=torch.Generator("cpu").manual_seed(seed))


def published_noise(
    layout: str, latent_h: int, target_w: int, conditions_w: int, seed: int
) -> torch.Tensor:
    """Return the target's noise [1,16,latent_h,target_w] bfloat16; widths in latent cells.

    Two posterior samples come first, in the canvas's order, then the whole canvas's noise.
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    order = [conditions_w, target_w] if layout == "vitonhd" else [target_w, conditions_w]
    for width in [*order, sum(order)]:
        noise = torch.randn(1, 16, latent_h, width, generator=generator, dtype=torch.bfloat16)
    parts = noise.split(order, dim=-1)
    return parts[1] if layout == "vitonhd" else parts[0]


def condition_noise(shapes: list[tuple[int, int, int]]) -> list[torch.Tensor]:
    """Return the fixed noise [1,C,h,w] of the ablation that noises the conditions.

    The one draw that is the pack's own choice and not the reference's: seed 0, float32, one
    generator for all conditions in order.
    """
    generator = torch.Generator("cpu").manual_seed(0)
    return [torch.randn(1, *shape, generator=generator) for shape in shapes]
