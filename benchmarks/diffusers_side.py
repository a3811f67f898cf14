"""The reference: one wide canvas on diffusers' transformer, as the published pipeline runs it."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel
from safetensors.torch import load_file

from any2any_core.layout import Layout
from any2any_core.positions import Grid, image_ids
from any2any_core.schedule import canvas_mu, reference_sigmas
from devtools.flux import SCALING, SHIFT, tokens

from .files import DIFFUSERS, INPUTS
from .random_flux import condition_latents
from .workload import GUIDANCE, Workload


class DiffusersSide:
    """Tokens target|person|garment in one sequence; the conditions are clean before every step."""

    def __init__(self, sizes: Workload, folder: Path):
        self.sizes = sizes
        self.transformer = FluxTransformer2DModel.from_pretrained(folder / DIFFUSERS).eval()
        self.inputs = load_file(folder / INPUTS)
        latents = [(latent - SHIFT) * SCALING for latent in condition_latents(self.inputs)]
        self.clean = torch.cat([tokens(latent) for latent in latents], dim=1)
        grid = Grid(sizes.height // 16, sizes.width // 16)
        self.ids, _ = image_ids(Layout("any2any", ("person", "garment")), grid, [grid, grid])
        mu = canvas_mu(sizes.image_tokens(len(latents)))
        self.sigmas = reference_sigmas(sizes.steps, mu).tolist()

    def run(self) -> float:
        start = time.perf_counter()
        self.latent = self.sampled()
        return (time.perf_counter() - start) / self.sizes.steps

    def result(self) -> list:
        return self.latent.tolist()

    @torch.no_grad()
    def sampled(self) -> torch.Tensor:
        """Return the raw latent [1,16,h,w] after Euler's steps from ComfyUI's noise of seed 0."""
        latent_h, latent_w = self.sizes.height // 8, self.sizes.width // 8
        generator = torch.manual_seed(0)
        noise = torch.randn(1, 16, latent_h, latent_w, generator=generator)
        target = self.sizes.panel_tokens
        canvas = torch.cat([tokens(noise), self.clean], dim=1)
        for sigma, following in pairwise(self.sigmas):
            canvas = canvas + (following - sigma) * self.velocity(canvas, sigma)
            canvas[:, target:] = self.clean
        scaled = F.fold(canvas[:, :target].mT, (latent_h, latent_w), kernel_size=2, stride=2)
        return scaled / SCALING + SHIFT

    def velocity(self, canvas: torch.Tensor, sigma: float) -> torch.Tensor:
        return self.transformer(
            hidden_states=canvas,
            encoder_hidden_states=self.inputs["text"],
            pooled_projections=self.inputs["pooled"],
            timestep=torch.tensor([sigma]),
            guidance=torch.tensor([GUIDANCE]),
            img_ids=self.ids,
            txt_ids=torch.zeros(self.sizes.text_tokens, 3),
            return_dict=False,
        )[0]
