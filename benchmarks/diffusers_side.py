"""The reference: one wide canvas on diffusers' transformer, as the published pipeline runs it."""

from __future__ import annotations

import time
from itertools import pairwise

import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel

from any2any_core.layout import Layout
from any2any_core.positions import Grid, image_ids
from any2any_core.schedule import canvas_mu, reference_sigmas
from devtools.flux import SCALING, SHIFT, tokens

from .random_flux import condition_latents
from .workload import GUIDANCE, Workload


class DiffusersSide:
    """Tokens target|person|garment in one sequence; the conditions are clean before every step."""

    def __init__(
        self, sizes: Workload, transformer: FluxTransformer2DModel, inputs: dict[str, torch.Tensor]
    ):
        self.sizes, self.transformer = sizes, transformer.eval()
        self.device, self.dtype = transformer.device, transformer.dtype
        self.text, self.pooled = (self.moved(inputs[name]) for name in ("text", "pooled"))
        latents = [(latent - SHIFT) * SCALING for latent in condition_latents(inputs)]
        self.clean = self.moved(torch.cat([tokens(latent) for latent in latents], dim=1))
        grid = Grid(sizes.height // 16, sizes.width // 16)
        roles = ("person",) + ("garment",) * (len(latents) - 1)
        ids, _ = image_ids(Layout("any2any", roles), grid, [grid] * len(latents))
        self.ids = ids.to(self.device)
        self.mu = canvas_mu(sizes.image_tokens(len(latents)))

    def moved(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(self.device, self.dtype)

    def run(self) -> float:
        start = time.perf_counter()
        self.latent = self.sampled().cpu()
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
        canvas = torch.cat([self.moved(tokens(noise)), self.clean], dim=1)
        for sigma, following in pairwise(reference_sigmas(self.sizes.steps, self.mu).tolist()):
            canvas = canvas + (following - sigma) * self.velocity(canvas, sigma)
            canvas[:, target:] = self.clean
        scaled = F.fold(canvas[:, :target].mT, (latent_h, latent_w), kernel_size=2, stride=2)
        return scaled / SCALING + SHIFT

    def velocity(self, canvas: torch.Tensor, sigma: float) -> torch.Tensor:
        return self.transformer(
            hidden_states=canvas,
            encoder_hidden_states=self.text,
            pooled_projections=self.pooled,
            timestep=self.moved(torch.tensor([sigma])),
            guidance=self.moved(torch.tensor([GUIDANCE])),
            img_ids=self.ids,
            txt_ids=self.ids.new_zeros(self.sizes.text_tokens, 3),
            return_dict=False,
        )[0]
