"""A small random FLUX.1 for both sides: diffusers' transformer and ComfyUI's ModelPatcher."""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel

from devtools.bfl import Weights

HEADS, HEAD_DIM = 2, 64
HIDDEN = HEADS * HEAD_DIM
AXES = (8, 28, 28)
DOUBLE, SINGLE = 2, 2
TEXT, POOLED, TEXT_TOKENS = 4096, 768, 12


def random_transformer(seed: int = 0) -> FluxTransformer2DModel:
    """Return FLUX.1's architecture, two blocks of each kind, float32, random weights.

    Attention's weights are larger than torch's defaults, so that a wrong position id shows in the
    result; the others are not, so that the result is smooth in sigma.
    """
    torch.manual_seed(seed)
    transformer = FluxTransformer2DModel(
        num_layers=DOUBLE,
        num_single_layers=SINGLE,
        attention_head_dim=HEAD_DIM,
        num_attention_heads=HEADS,
        joint_attention_dim=TEXT,
        pooled_projection_dim=POOLED,
        guidance_embeds=True,
        axes_dims_rope=AXES,
    )
    for name, weight in transformer.named_parameters():
        if weight.ndim == 1 and "norm_" in name:
            torch.nn.init.uniform_(weight, 0.5, 2.5)
        elif weight.ndim == 2 and ".attn." in name:
            torch.nn.init.normal_(weight, std=1.2 * weight.shape[1] ** -0.5)
    return transformer.eval()


def model_patcher(weights: Weights, dtype: torch.dtype = torch.float32):
    """Return ComfyUI's MODEL for `weights`, stored as `dtype`, computed in float32.

    Detection as the stock loader does it, but for heads and axes, which it fixes at FLUX.1's.
    """
    import comfy.model_detection
    import comfy.model_patcher
    import comfy.supported_models

    cpu = torch.device("cpu")
    config = comfy.model_detection.detect_unet_config(weights, "")
    config |= {"num_heads": HEADS, "axes_dim": list(AXES)}
    supported = comfy.supported_models.Flux(config)
    supported.set_inference_dtype(dtype, None if dtype == torch.float32 else torch.float32)
    model = supported.get_model({}, "", device=cpu)
    model.load_model_weights({name: weight.to(dtype) for name, weight in weights.items()}, "")
    return comfy.model_patcher.ModelPatcher(model, load_device=cpu, offload_device=cpu)


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
