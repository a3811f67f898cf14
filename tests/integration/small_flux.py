"""A small random FLUX.1 for both sides: diffusers' transformer and ComfyUI's ModelPatcher."""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel

from devtools import flux
from devtools.bfl import Weights
from devtools.flux import POOLED, TEXT, flux_transformer

HEADS, AXES = 2, (8, 28, 28)
HIDDEN = HEADS * sum(AXES)
DOUBLE, SINGLE = 2, 2
TEXT_TOKENS = 12


def random_transformer(seed: int = 0) -> FluxTransformer2DModel:
    """Return FLUX.1's architecture, two blocks of each kind, float32, random weights.

    Attention's weights are larger than torch's defaults, so that a wrong position id shows in the
    result; the others are not, so that the result is smooth in sigma.
    """
    torch.manual_seed(seed)
    transformer = flux_transformer(HEADS, AXES, DOUBLE, SINGLE)
    for name, weight in transformer.named_parameters():
        if weight.ndim == 1 and "norm_" in name:
            torch.nn.init.uniform_(weight, 0.5, 2.5)
        elif weight.ndim == 2 and ".attn." in name:
            torch.nn.init.normal_(weight, std=1.2 * weight.shape[1] ** -0.5)
    return transformer.eval()


def model_patcher(weights: Weights, dtype: torch.dtype = torch.float32):
    """Return ComfyUI's MODEL for `weights` on the CPU, stored as `dtype`."""
    return flux.model_patcher(weights, HEADS, AXES, torch.device("cpu"), dtype)


def random_text(seed: int, guidance: float = 3.5) -> list:
    """Return a CONDITIONING: random text embeddings [1,T,4096] and a pooled vector [1,768]."""
    generator = torch.Generator().manual_seed(seed)
    text = torch.randn(1, TEXT_TOKENS, TEXT, generator=generator)
    pooled = torch.randn(1, POOLED, generator=generator)
    return [[text, {"pooled_output": pooled, "guidance": guidance}]]


def random_vae(latent_channels: int = 16):
    """Return ComfyUI's VAE for a TAESD of random weights."""
    import comfy.sd
    from comfy.taesd.taesd import TAESD

    torch.manual_seed(0)
    module = TAESD(latent_channels=latent_channels)
    for weight in module.parameters():
        if weight.ndim == 4:
            torch.nn.init.normal_(weight, std=weight[0].numel() ** -0.5)
        elif weight.ndim == 1:
            torch.nn.init.normal_(weight, std=0.1)
    torch.nn.init.constant_(module.vae_scale, 0.15)  # latents as large as FLUX.1's
    return comfy.sd.VAE(sd=module.state_dict())
