"""The demo's transformer: FLUX.1's architecture, small, in diffusers' class."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel

from any2any_core.schedule import canvas_mu

GUIDANCE = 3.5
"""The one distilled guidance that the small model knows."""


def small_flux() -> FluxTransformer2DModel:
    """Return the untrained transformer, 11 M parameters."""
    return FluxTransformer2DModel(
        in_channels=64,
        num_layers=2,
        num_single_layers=6,
        attention_head_dim=64,
        num_attention_heads=4,
        joint_attention_dim=4096,
        pooled_projection_dim=768,
        guidance_embeds=True,
        axes_dims_rope=(8, 28, 28),
    )


def tokens(latents: torch.Tensor) -> torch.Tensor:
    """Return tokens [B,N,64] of latents [B,16,h,w]: 2x2 patches, channels first."""
    return F.unfold(latents, kernel_size=2, stride=2).mT


def drawn_sigmas(count: int, image_seq_len: int, generator: torch.Generator) -> torch.Tensor:
    """Return [count] noise levels: logit-normal, shifted as the sampler's schedule is."""
    shift = torch.tensor(canvas_mu(image_seq_len)).exp()
    t = torch.randn(count, generator=generator).sigmoid()
    return shift * t / (1 + (shift - 1) * t)


def velocity(
    transformer: FluxTransformer2DModel,
    tokens: torch.Tensor,
    sigmas: torch.Tensor,
    ids: torch.Tensor,
    text: torch.Tensor,
    pooled: torch.Tensor,
) -> torch.Tensor:
    """Return the predicted noise - clean [B,N,64] of tokens [B,N,64] with ids [N,3]."""
    return transformer(
        hidden_states=tokens,
        encoder_hidden_states=text,
        pooled_projections=pooled,
        timestep=sigmas,
        guidance=torch.full_like(sigmas, GUIDANCE),
        img_ids=ids,
        txt_ids=torch.zeros(text.shape[1], 3),
        return_dict=False,
    )[0]
