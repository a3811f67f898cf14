"""FLUX.1 at any size, for training, benchmarks and tests: on diffusers' side and on ComfyUI's."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel

from .bfl import Weights

TEXT, POOLED = 4096, 768
"""Widths of T5's and CLIP-L's embeddings."""
SCALING, SHIFT = 0.3611, 0.1159
"""The autoencoder's config: the transformer sees (raw - shift) * scaling."""


def flux_transformer(
    heads: int, axes: tuple[int, int, int], double: int, single: int
) -> FluxTransformer2DModel:
    """Return FLUX.1-dev's architecture, untrained; a head is as wide as its `axes` together."""
    return FluxTransformer2DModel(
        num_layers=double,
        num_single_layers=single,
        attention_head_dim=sum(axes),
        num_attention_heads=heads,
        joint_attention_dim=TEXT,
        pooled_projection_dim=POOLED,
        guidance_embeds=True,
        axes_dims_rope=axes,
    )


def tokens(latents: torch.Tensor) -> torch.Tensor:
    """Return [B, h/2 * w/2, 64] for [B,16,h,w]: each token is a 2x2 patch, channels first."""
    return F.unfold(latents, kernel_size=2, stride=2).mT


def model_patcher(
    weights: Weights,
    heads: int,
    axes: tuple[int, int, int],
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    computed: torch.dtype = torch.float32,
):
    """Return ComfyUI's MODEL for original names, stored as `dtype` and computed as `computed`.

    Detection as the stock loader does it, but for heads and axes, which it fixes at FLUX.1's.
    """
    import comfy.model_detection
    import comfy.model_patcher
    import comfy.supported_models

    config = comfy.model_detection.detect_unet_config(weights, "")
    config |= {"num_heads": heads, "axes_dim": list(axes)}
    supported = comfy.supported_models.Flux(config)
    supported.set_inference_dtype(dtype, None if dtype == computed else computed)
    model = supported.get_model({}, "", device=device)
    model.load_model_weights({name: weight.to(dtype) for name, weight in weights.items()}, "")
    return comfy.model_patcher.ModelPatcher(model, load_device=device, offload_device=device)
