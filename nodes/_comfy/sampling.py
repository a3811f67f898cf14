"""ComfyUI's samplers, given the reference's sigmas and noise."""

from __future__ import annotations

import comfy.model_sampling
import comfy.sample
import comfy.samplers
import comfy.utils
import latent_preview
import torch

from ...any2any_core.geometry import Frame
from ...any2any_core.layout import Layout
from ...any2any_core.noise import reference_noise_batch
from ...any2any_core.schedule import canvas_mu, denoise_sigmas
from .conditioning import packed_conditions

SAMPLERS = comfy.samplers.SAMPLER_NAMES


class CanvasModelSampling(comfy.model_sampling.ModelSamplingFlux, comfy.model_sampling.CONST):
    """FLUX.1's own sampling, as ModelSamplingFlux builds it."""


def shifted_from_canvas(model, image_seq_len: int):
    """Return a clone of the MODEL shifted for the canvas; `simple` then follows the reference."""
    sampling = CanvasModelSampling(model.model.model_config)
    sampling.set_parameters(shift=canvas_mu(image_seq_len))
    clone = model.clone()
    clone.add_object_patch("model_sampling", sampling)
    return clone


def canvas_tokens(samples: torch.Tensor, layout: Layout, latents: list[torch.Tensor]) -> int:
    """Return the image tokens of target [B,16,h,w] and whole conditions; odd sides round up."""
    frames = whole_panels(layout, latents)
    target = -(-samples.shape[-2] // 2) * -(-samples.shape[-1] // 2)
    return target + sum(frame.token_h * frame.token_w for frame in frames)


def whole_panels(layout: Layout, latents: list[torch.Tensor]) -> list[Frame]:
    """Return every condition's frame; the schedule and the noise are those of whole panels."""
    return [
        layout.frame(number, -(-latent.shape[-2] // 2), -(-latent.shape[-1] // 2))
        for number, latent in enumerate(latents)
    ]


def canvas_sigmas(positive: list, latent: dict, steps: int, denoise: float) -> torch.Tensor:
    """Return the reference's sigmas for a packed conditioning and its target LATENT."""
    layout, latents = packed_conditions(positive)
    mu = canvas_mu(canvas_tokens(latent["samples"], layout, latents))
    return denoise_sigmas(steps, mu, denoise)


class ReferenceNoise:
    """A NOISE value: the published scripts' draw, picture i with seed + i."""

    def __init__(self, positive: list, seed: int):
        self.layout, latents = packed_conditions(positive)
        frames = whole_panels(self.layout, latents)
        self.conditions_w = sum(2 * frame.token_w for frame in frames)
        self.condition_h = 2 * frames[0].token_h
        self.seed = seed

    def generate_noise(self, latent: dict) -> torch.Tensor:
        batch, _, height, width = latent["samples"].shape
        if height != self.condition_h:
            raise ValueError(
                f"The latent is {height} cells high and the conditions {self.condition_h}, but "
                "the reference's noise exists only where both are equal: choose noise=comfy (or "
                "RandomNoise) for a second pass."
            )
        return reference_noise_batch(
            self.layout, height, width, self.conditions_w, self.seed, batch
        )


class ComfyNoise:
    """A NOISE value: ComfyUI's own draw."""

    def __init__(self, seed: int):
        self.seed = seed

    def generate_noise(self, latent: dict) -> torch.Tensor:
        return comfy.sample.prepare_noise(latent["samples"], self.seed, latent.get("batch_index"))


def sampled(model, positive, negative, latent: dict, noise, sigmas, cfg, sampler_name) -> dict:
    """Return the LATENT that ComfyUI's sampler makes, with its progress, preview and cancel."""
    result = {key: value for key, value in latent.items() if key != "downscale_ratio_spacial"}
    samples = comfy.sample.fix_empty_latent_channels(model, latent["samples"])
    if len(sigmas) > 1:
        samples = comfy.sample.sample_custom(
            model,
            noise=noise.generate_noise({**latent, "samples": samples}),
            cfg=cfg,
            sampler=comfy.samplers.sampler_object(sampler_name),
            sigmas=sigmas,
            positive=positive,
            negative=negative,
            latent_image=samples,
            noise_mask=latent.get("noise_mask"),
            callback=latent_preview.prepare_callback(model, len(sigmas) - 1),
            disable_pbar=not comfy.utils.PROGRESS_BAR_ENABLED,
            seed=noise.seed,
        )
    return {**result, "samples": samples}
