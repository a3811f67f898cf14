"""The VAE: checked once, then only encoded with."""

from __future__ import annotations

import comfy.model_management as management
import torch

CHANNELS, COMPRESSION = 16, 8


def checked_vae(vae) -> None:
    """Check that the VAE makes FLUX.1's kind of latent.

    Raises:
        ValueError: no VAE, other channels, another compression, or a video VAE.
    """
    if vae is None:
        raise ValueError(
            "The VAE is empty, but FLUX.1's was expected: the checkpoint has none inside; add a "
            "VAELoader with ae.safetensors."
        )
    channels = getattr(vae, "latent_channels", CHANNELS)
    ratio = vae.spacial_compression_encode()
    dimensions = getattr(vae, "latent_dim", 2)
    if (channels, ratio, dimensions) != (CHANNELS, COMPRESSION, 2):
        raise ValueError(
            f"The VAE has {channels} channels, {ratio}x compression and {dimensions}-dimensional "
            f"latents, but FLUX.1's {CHANNELS}, {COMPRESSION}x and 2 were expected: load "
            "ae.safetensors (or taef1) with VAELoader."
        )


def encoded(vae, picture: torch.Tensor) -> torch.Tensor:
    """Return the raw latent [B,16,H/8,W/8] of a picture [B,H,W,3]; ends here if cancelled."""
    management.throw_exception_if_processing_interrupted()
    return vae.encode(picture)
