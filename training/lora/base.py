"""The frozen transformer: any FLUX.1 that ComfyUI or diffusers loads, at any size."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import FluxTransformer2DModel
from torch import nn
from torch.nn.utils import parametrize

from any2any_core.lora import read_safetensors
from devtools.bfl import Weights, diffusers_weights

IN_CHANNELS = 64
"""A token of 16 latent channels in a 2x2 patch. Fill, Canny and Depth take more."""

PREFIXES = ("model.diffusion_model.", "transformer.", "")
"""What stands before a transformer's names: in a checkpoint, in some exports, and by itself."""


def loaded_transformer(path: Path, dtype: torch.dtype) -> FluxTransformer2DModel:
    """Return the transformer of a .safetensors file or of a diffusers folder, frozen.

    Raises:
        ValueError: nothing there, or not FLUX.1-dev's architecture in plain weights.
    """
    if path.is_dir():
        transformer = transformer_of_folder(path, dtype)
    elif path.suffix in (".safetensors", ".sft") and path.is_file():
        transformer = transformer_of_file(path, dtype)
    else:
        raise ValueError(
            f"The base is '{path.name}', but FLUX.1-dev as a .safetensors file or as a diffusers "
            f"folder was expected{'' if path.exists() else ', and nothing is there'}: give --base "
            "the file that ComfyUI has in models/diffusion_models (GGUF cannot be trained on)."
        )
    return transformer.requires_grad_(False)


def transformer_of_folder(path: Path, dtype: torch.dtype) -> FluxTransformer2DModel:
    """Return the transformer of a pipeline's folder, or of a transformer's own."""
    folder = path / "transformer" if (path / "transformer").is_dir() else path
    if not (folder / "config.json").is_file():
        raise ValueError(
            f"The base '{path.name}' is a folder without a transformer's config.json, but a "
            "diffusers folder of FLUX.1-dev was expected: give --base that folder, or a file."
        )
    transformer = FluxTransformer2DModel.from_pretrained(
        folder, torch_dtype=dtype, local_files_only=True, use_safetensors=True
    )
    check_shape(path.name, transformer.config.in_channels, transformer.config.guidance_embeds)
    return transformer


def transformer_of_file(path: Path, dtype: torch.dtype) -> FluxTransformer2DModel:
    """Return the transformer of a file in the original names or in diffusers'."""
    weights = plain_weights(path.name, read_safetensors(path)[0])
    with torch.device("meta"):
        transformer = FluxTransformer2DModel(**config_of(path.name, weights))
    weights = {name: weight.to(dtype) for name, weight in weights.items()}
    try:
        transformer.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise ValueError(not_whole(path.name, str(error).splitlines()[1].strip())) from error
    return transformer


def plain_weights(name: str, tensors: Weights) -> Weights:
    """Return a file's transformer under diffusers' names."""
    strange = [key for key, one in tensors.items() if not one.dtype.is_floating_point]
    strange += [key for key in tensors if "scale_weight" in key or "weight_scale" in key]
    if strange or "scaled_fp8" in tensors:
        raise ValueError(
            f"'{name}' holds quantised weights ({(strange or ['scaled_fp8'])[0]}), but plain ones "
            "(bf16, fp16 or simple fp8) were expected: use the bf16 file, with --base-weights "
            "float8 where memory is short."
        )
    for prefix in PREFIXES:
        own = {key.removeprefix(prefix): t for key, t in tensors.items() if key.startswith(prefix)}
        if {"img_in.weight", "double_blocks.0.img_attn.qkv.weight"} <= own.keys():
            if "guidance_in.in_layer.weight" not in own:
                check_shape(name, own["img_in.weight"].shape[1], guidance=False)
            try:
                return diffusers_weights(own)
            except KeyError as error:
                raise ValueError(not_whole(name, f"{error} is missing")) from error
        if {"x_embedder.weight", "transformer_blocks.0.attn.to_q.weight"} <= own.keys():
            return own
    raise ValueError(
        f"'{name}' holds no FLUX.1 transformer (its first key is '{next(iter(tensors), '')}'), but "
        "FLUX.1-dev was expected: choose the file that ComfyUI has in models/diffusion_models."
    )


def not_whole(name: str, what: str) -> str:
    return (
        f"'{name}' is not a whole FLUX.1 transformer ({what}), but all of FLUX.1-dev's weights "
        "were expected: get the file again."
    )


def config_of(name: str, weights: Weights) -> dict:
    """Return the arguments of diffusers' class that the weights' shapes tell."""
    hidden, in_channels = weights["x_embedder.weight"].shape
    guidance = "time_text_embed.guidance_embedder.linear_1.weight" in weights
    check_shape(name, in_channels, guidance)
    head = weights["transformer_blocks.0.attn.norm_q.weight"].shape[0]

    def blocks(kind: str) -> int:
        return len({key.split(".")[1] for key in weights if key.startswith(f"{kind}.")})

    return {
        "in_channels": in_channels,
        "num_layers": blocks("transformer_blocks"),
        "num_single_layers": blocks("single_transformer_blocks"),
        "attention_head_dim": head,
        "num_attention_heads": hidden // head,
        "joint_attention_dim": weights["context_embedder.weight"].shape[1],
        "pooled_projection_dim": weights["time_text_embed.text_embedder.linear_1.weight"].shape[1],
        "guidance_embeds": guidance,
        "axes_dims_rope": rotary_axes(head),
    }


def rotary_axes(head: int) -> tuple[int, int, int]:
    """Return how FLUX.1 shares a head among index, y and x: an eighth, and half of the rest each.

    128 wide, as FLUX.1-dev's, it is 16, 56, 56.
    """
    index = head // 8
    return index, (head - index) // 2, (head - index) // 2


def check_shape(name: str, in_channels: int, guidance: bool) -> None:
    """Check what tells FLUX.1-dev from its sisters."""
    if in_channels != IN_CHANNELS:
        raise ValueError(
            f"'{name}' takes {in_channels} channels a token, but FLUX.1-dev's {IN_CHANNELS} were "
            "expected: that is FLUX.1 Fill, Canny or Depth; train on FLUX.1-dev itself."
        )
    if not guidance:
        raise ValueError(
            f"'{name}' has no guidance input, but FLUX.1-dev's was expected: that is "
            "FLUX.1-schnell, distilled to four steps; train on FLUX.1-dev."
        )


class Computed(nn.Module):
    """A weight that is stored narrow, as what it is computed with."""

    def __init__(self, dtype: torch.dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, stored: torch.Tensor) -> torch.Tensor:
        return stored.to(self.dtype)


def store_as_float8(transformer: FluxTransformer2DModel) -> None:
    """Keep the blocks' frozen matrices as float8_e4m3fn, half of bf16; a LoRA stays as it is."""
    blocks = (transformer.transformer_blocks, transformer.single_transformer_blocks)
    for module in [one for kind in blocks for one in kind.modules()]:
        if isinstance(module, nn.Linear) and not module.weight.requires_grad:
            computed = Computed(module.weight.dtype)
            module.weight.data = module.weight.data.to(torch.float8_e4m3fn)
            parametrize.register_parametrization(module, "weight", computed, unsafe=True)
            module.parametrizations.weight.original.requires_grad_(False)
