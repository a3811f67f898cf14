"""Random weights, text and condition latents: speed does not depend on their values."""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel

from devtools.flux import POOLED, TEXT, flux_transformer

from .workload import AXES, Workload


def random_transformer(sizes: Workload) -> FluxTransformer2DModel:
    """Return FLUX.1's architecture in float32."""
    torch.manual_seed(0)
    return flux_transformer(sizes.heads, AXES, sizes.double, sizes.single).eval()


def random_inputs(sizes: Workload, conditions: int) -> dict[str, torch.Tensor]:
    """Return `text` [1,T,4096], `pooled` [1,768] and raw latents `condition_<i>` [1,16,h,w]."""
    generator = torch.Generator().manual_seed(1)
    latent = (1, 16, sizes.height // 8, sizes.width // 8)
    shapes = {"text": (1, sizes.text_tokens, TEXT), "pooled": (1, POOLED)}
    shapes |= {f"condition_{i}": latent for i in range(conditions)}
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def condition_latents(inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    return [inputs[name] for name in sorted(inputs) if name.startswith("condition_")]
