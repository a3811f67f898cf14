"""A transformer with FLUX.1-dev's shapes that fits on any computer."""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel

from devtools.flux import flux_transformer

STANDIN = "flux1_standin.safetensors"


def standin_transformer() -> FluxTransformer2DModel:
    """Return one double and one single block (0.55 B parameters) of random bfloat16 values.

    In float32, where ComfyUI computes on a CPU; weights are so large that text, position and
    conditions all show in the picture.
    """
    torch.manual_seed(0)
    with torch.device("meta"):
        transformer = flux_transformer(heads=24, axes=(16, 56, 56), double=1, single=1)
    transformer = transformer.to_empty(device="cpu").eval().requires_grad_(False)
    for name, weight in transformer.named_parameters():
        if weight.ndim == 2:
            weight.normal_(std=1.5 * weight.shape[1] ** -0.5)
        else:
            weight.uniform_(0.5, 1.5) if "norm_" in name else weight.normal_(std=0.1)
        weight.copy_(weight.bfloat16())
    return transformer
