"""Random weights, text and condition latents: speed does not depend on their values."""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel

from .workload import AXES, HEAD_DIM, POOLED, TEXT, Workload


def random_transformer(sizes: Workload) -> FluxTransformer2DModel:
    """Return FLUX.1's architecture in float32."""
    torch.manual_seed(0)
    return FluxTransformer2DModel(
        num_layers=sizes.double,
        num_single_layers=sizes.single,
        attention_head_dim=HEAD_DIM,
        num_attention_heads=sizes.heads,
        joint_attention_dim=TEXT,
        pooled_projection_dim=POOLED,
        guidance_embeds=True,
        axes_dims_rope=AXES,
    ).eval()


def random_inputs(sizes: Workload, conditions: int) -> dict[str, torch.Tensor]:
    """Return `text` [1,T,4096], `pooled` [1,768] and raw latents `condition_<i>` [1,16,h,w]."""
    generator = torch.Generator().manual_seed(1)
    latent = (1, 16, sizes.height // 8, sizes.width // 8)
    shapes = {"text": (1, sizes.text_tokens, TEXT), "pooled": (1, POOLED)}
    shapes |= {f"condition_{i}": latent for i in range(conditions)}
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def condition_latents(inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    return [inputs[name] for name in sorted(inputs) if name.startswith("condition_")]
