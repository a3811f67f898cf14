"""Autoencoders: pictures to latents as the transformer sees them, and back."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint
from torch import nn

from any2any_core.lora import read_safetensors
from devtools.bfl import Weights
from devtools.flux import SCALING, SHIFT

from ..autoencoder import CHANNELS, Autoencoder


class Kullback(nn.Module):
    """FLUX.1's own autoencoder behind the demo's interface."""

    def __init__(self, vae: AutoencoderKL):
        super().__init__()
        self.vae = vae

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return latents [B,16,H/8,W/8] of pictures [B,3,H,W] in 0..1: the posterior's mode."""
        raw = self.vae.encode(pictures * 2 - 1).latent_dist.mode()
        return (raw - SHIFT) * SCALING

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        return self.vae.decode(latents / SCALING + SHIFT).sample / 2 + 0.5


def loaded_autoencoder(path: Path) -> nn.Module:
    """Return the autoencoder of a .safetensors file or of a diffusers folder, in float32.

    Raises:
        ValueError: nothing there, or no autoencoder of FLUX.1's kind.
    """
    if path.is_dir():
        folder = path / "vae" if (path / "vae").is_dir() else path
        module = Kullback(AutoencoderKL.from_pretrained(folder, local_files_only=True))
    elif not path.is_file():
        raise ValueError(
            f"The VAE is '{path.name}', but nothing is there: give --vae the file that ComfyUI has "
            "in models/vae (ae.safetensors), or a diffusers folder."
        )
    else:
        module = autoencoder_of_file(path.name, read_safetensors(path)[0])
    return module.float().eval().requires_grad_(False)


def autoencoder_of_file(name: str, weights: Weights) -> nn.Module:
    """Return the autoencoder: TAESD's shape, or FLUX.1's own names."""
    if "taesd_encoder.0.weight" in weights:
        module = Autoencoder()
        module.load_state_dict({key: weight.float() for key, weight in weights.items()})
        return module
    if "encoder.conv_in.weight" not in weights:
        raise ValueError(
            f"'{name}' is no autoencoder (its first key is '{next(iter(weights), '')}'), but "
            "FLUX.1's was expected: give --vae ae.safetensors."
        )
    config = vae_config(weights)
    if config["latent_channels"] != CHANNELS:
        raise ValueError(
            f"'{name}' has {config['latent_channels']} latent channels, but FLUX.1's {CHANNELS} "
            "were expected: give --vae ae.safetensors."
        )
    with torch.device("meta"):
        vae = AutoencoderKL(**config)
    vae.load_state_dict(convert_ldm_vae_checkpoint(weights, config), assign=True)
    return Kullback(vae)


def vae_config(weights: Weights) -> dict:
    """Return the arguments of diffusers' class that the weights' shapes tell."""
    levels = {key.split(".")[2] for key in weights if key.startswith("encoder.down.")}
    widths = [
        weights[f"encoder.down.{level}.block.0.conv1.weight"].shape[0] for level in sorted(levels)
    ]
    first = {key.split(".")[4] for key in weights if key.startswith("encoder.down.0.block.")}
    quant = "quant_conv.weight" in weights
    return {
        "block_out_channels": tuple(widths),
        "down_block_types": ("DownEncoderBlock2D",) * len(widths),
        "up_block_types": ("UpDecoderBlock2D",) * len(widths),
        "layers_per_block": len(first),
        "latent_channels": weights["decoder.conv_in.weight"].shape[1],
        "use_quant_conv": quant,
        "use_post_quant_conv": quant,
    }
