"""The demo's autoencoder: TAESD's shape (8x, 16 channels), trained on dolls.

Its modules carry the names of ComfyUI's TAESD, so that one file loads in the stock VAELoader.
"""

from __future__ import annotations

import torch
from torch import nn

from devtools.flux import SCALING, SHIFT

CHANNELS, WIDTH = 16, 64


def conv(n_in: int, n_out: int, **options) -> nn.Conv2d:
    return nn.Conv2d(n_in, n_out, 3, padding=1, **options)


class Clamp(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x / 3) * 3


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            conv(WIDTH, WIDTH), nn.ReLU(), conv(WIDTH, WIDTH), nn.ReLU(), conv(WIDTH, WIDTH)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv(x) + x)


def down() -> list[nn.Module]:
    return [conv(WIDTH, WIDTH, stride=2, bias=False), Block(), Block(), Block()]


def up() -> list[nn.Module]:
    return [Block(), Block(), Block(), nn.Upsample(scale_factor=2), conv(WIDTH, WIDTH, bias=False)]


class Autoencoder(nn.Module):
    """Pictures [B,3,H,W] in 0..1 to latents [B,16,H/8,W/8] as the transformer sees them."""

    def __init__(self):
        super().__init__()
        self.taesd_encoder = nn.Sequential(
            conv(3, WIDTH), Block(), *down(), *down(), *down(), conv(WIDTH, CHANNELS)
        )
        self.taesd_decoder = nn.Sequential(
            Clamp(), conv(CHANNELS, WIDTH), nn.ReLU(), *up(), *up(), *up(), Block(), conv(WIDTH, 3)
        )
        self.initialise()
        self.vae_scale = nn.Parameter(torch.tensor(1.0), requires_grad=False)
        self.vae_shift = nn.Parameter(torch.tensor(0.0), requires_grad=False)

    def initialise(self) -> None:
        """Start every block as the identity, at even deviations: halves the steps to a picture."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                activation = "relu" if module.out_channels == WIDTH else "linear"
                nn.init.kaiming_normal_(module.weight, nonlinearity=activation)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, Block):
                nn.init.zeros_(module.conv[4].weight)

    def raw(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the latents that a VAE node gives."""
        return self.taesd_encoder(pictures) / self.vae_scale + self.vae_shift

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        return (self.raw(pictures) - SHIFT) * SCALING

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        raw = latents / SCALING + SHIFT
        return self.taesd_decoder((raw - self.vae_shift) * self.vae_scale)

    @torch.no_grad()
    def normalise(self, pictures: torch.Tensor) -> None:
        """Set scale and shift so that the transformer sees mean 0 and deviation 1."""
        latents = self.taesd_encoder(pictures)
        scale = latents.std() * SCALING
        self.vae_scale.fill_(scale)
        self.vae_shift.fill_(SHIFT - latents.mean() / scale)
