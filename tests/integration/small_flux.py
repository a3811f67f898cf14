"""A small random FLUX.1 for both sides: diffusers' transformer and ComfyUI's ModelPatcher."""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel

HEADS, HEAD_DIM = 2, 64
HIDDEN = HEADS * HEAD_DIM
AXES = (8, 28, 28)
DOUBLE, SINGLE = 2, 2
TEXT, POOLED, TEXT_TOKENS = 4096, 768, 12

Weights = dict[str, torch.Tensor]


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


ROOT_NAMES = {
    "x_embedder": "img_in",
    "context_embedder": "txt_in",
    "time_text_embed.timestep_embedder.linear_1": "time_in.in_layer",
    "time_text_embed.timestep_embedder.linear_2": "time_in.out_layer",
    "time_text_embed.guidance_embedder.linear_1": "guidance_in.in_layer",
    "time_text_embed.guidance_embedder.linear_2": "guidance_in.out_layer",
    "time_text_embed.text_embedder.linear_1": "vector_in.in_layer",
    "time_text_embed.text_embedder.linear_2": "vector_in.out_layer",
    "proj_out": "final_layer.linear",
}
DOUBLE_NAMES = {
    "norm1.linear": "img_mod.lin",
    "norm1_context.linear": "txt_mod.lin",
    "attn.to_out.0": "img_attn.proj",
    "attn.to_add_out": "txt_attn.proj",
    "ff.net.0.proj": "img_mlp.0",
    "ff.net.2": "img_mlp.2",
    "ff_context.net.0.proj": "txt_mlp.0",
    "ff_context.net.2": "txt_mlp.2",
}
DOUBLE_NORMS = {
    "attn.norm_q": "img_attn.norm.query_norm",
    "attn.norm_k": "img_attn.norm.key_norm",
    "attn.norm_added_q": "txt_attn.norm.query_norm",
    "attn.norm_added_k": "txt_attn.norm.key_norm",
}
DOUBLE_JOINED = {
    "img_attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "txt_attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
}
SINGLE_NAMES = {"norm.linear": "modulation.lin", "proj_out": "linear2"}
SINGLE_NORMS = {"attn.norm_q": "norm.query_norm", "attn.norm_k": "norm.key_norm"}
SINGLE_JOINED = {"linear1": ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")}


def bfl_weights(transformer: FluxTransformer2DModel) -> Weights:
    """Return the transformer's weights under FLUX.1's original names, as users' files have them."""
    source, result = transformer.state_dict(), {}

    def block(old: str, new: str, names: dict, norms: dict, joined: dict) -> None:
        for end in ("weight", "bias"):
            for ours, theirs in names.items():
                result[f"{new}{theirs}.{end}"] = source[f"{old}{ours}.{end}"]
            for theirs, parts in joined.items():
                stack = [source[f"{old}{part}.{end}"] for part in parts]
                result[f"{new}{theirs}.{end}"] = torch.cat(stack)
        for ours, theirs in norms.items():
            result[f"{new}{theirs}.scale"] = source[f"{old}{ours}.weight"]

    block("", "", ROOT_NAMES, {}, {})
    for end in ("weight", "bias"):
        scale, shift = source[f"norm_out.linear.{end}"].chunk(2)
        result[f"final_layer.adaLN_modulation.1.{end}"] = torch.cat([shift, scale])
    for i in range(len(transformer.transformer_blocks)):
        block(
            f"transformer_blocks.{i}.",
            f"double_blocks.{i}.",
            DOUBLE_NAMES,
            DOUBLE_NORMS,
            DOUBLE_JOINED,
        )
    for i in range(len(transformer.single_transformer_blocks)):
        block(
            f"single_transformer_blocks.{i}.",
            f"single_blocks.{i}.",
            SINGLE_NAMES,
            SINGLE_NORMS,
            SINGLE_JOINED,
        )
    return result


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
