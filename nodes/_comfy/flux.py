"""What a MODEL is: FLUX.1 or not, and the constants that only it knows."""

from __future__ import annotations

import math

import torch


def checked_flux(model):
    """Return the MODEL's diffusion model, if it is a FLUX.1 that our positions reach.

    Raises:
        ValueError: another architecture, nunchaku's own Flux, or extra input channels (Fill).
    """
    diffusion_model = model.model.diffusion_model
    kind = kinds(diffusion_model)
    if "nunchaku" in kind.lower():
        raise ValueError(
            f"The model is nunchaku's ({kind}), which ignores ComfyUI's wrappers, so that the "
            "positions cannot be set: load FLUX.1-dev with the stock loader (fp8 and GGUF work)."
        )
    config = getattr(model.model.model_config, "unet_config", {})
    image_model = config.get("image_model", type(model.model).__name__)
    if image_model != "flux" or not hasattr(diffusion_model, "single_blocks"):
        raise ValueError(f"The model is '{image_model}', but FLUX.1 was expected: load FLUX.1-dev.")
    in_channels, out_channels = config.get("in_channels", 16), config.get("out_channels", 16)
    if in_channels != out_channels:
        raise ValueError(
            f"The model takes {in_channels} input channels, but FLUX.1-dev's {out_channels} were "
            "expected (Fill, Canny and Depth have more): load FLUX.1-dev itself."
        )
    return diffusion_model


def kinds(diffusion_model) -> str:
    """Return the class of a diffusion model, and of the one that it wraps if it does."""
    layers = [diffusion_model, getattr(diffusion_model, "model", None)]
    return " around ".join(
        f"{type(layer).__module__}.{type(layer).__name__}" for layer in layers if layer is not None
    )


def extra_memory(model, latent_shape: tuple[int, ...], latents: list[torch.Tensor]) -> int | None:
    """Return the bytes that ComfyUI reserves for the conditions, None where it does not tell."""
    area = sum(math.prod(latent.shape[2:]) for latent in latents)
    shape = [latent_shape[0], latent_shape[1], area]
    try:
        alone = model.model.memory_required(list(latent_shape))
        together = model.model.memory_required(
            list(latent_shape), cond_shapes={"ref_latents": [shape]}
        )
    except (AttributeError, TypeError):
        return None
    return int(together - alone)
