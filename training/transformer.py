"""The demo's transformer: FLUX.1's architecture, small, in diffusers' class."""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel

from any2any_core.schedule import canvas_mu
from devtools.flux import flux_transformer

GUIDANCE = 3.5
"""The one distilled guidance that the small model knows."""

EARLIER = 1.5
"""How much farther than the sampler's own schedule the training's noise levels are shifted."""


def small_flux() -> FluxTransformer2DModel:
    """Return the untrained transformer, 11 M parameters."""
    return flux_transformer(heads=4, axes=(8, 28, 28), double=2, single=6)


def drawn_sigmas(count: int, image_seq_len: int, generator: torch.Generator) -> torch.Tensor:
    """Return [count] noise levels: even over the sampler's steps, and more of the first ones.

    What a try-on looks like is settled there, where the conditions alone tell; the usual
    logit-normal draw comes over 0.9 only once in twenty times.
    """
    shift = EARLIER * torch.tensor(canvas_mu(image_seq_len)).exp()
    t = torch.rand(count, generator=generator)
    return shift * t / (1 + (shift - 1) * t)


def velocity(
    transformer: FluxTransformer2DModel,
    tokens: torch.Tensor,
    sigmas: torch.Tensor,
    ids: torch.Tensor,
    text: torch.Tensor,
    pooled: torch.Tensor,
    guidance: float = GUIDANCE,
) -> torch.Tensor:
    """Return the predicted noise - clean [B,N,64] of tokens [B,N,64] with ids [N,3]."""
    return transformer(
        hidden_states=tokens,
        encoder_hidden_states=text,
        pooled_projections=pooled,
        timestep=sigmas,
        guidance=torch.full_like(sigmas, guidance),
        img_ids=ids,
        txt_ids=ids.new_zeros(text.shape[1], 3),
        return_dict=False,
    )[0]
