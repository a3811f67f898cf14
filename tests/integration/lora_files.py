"""LoRA files for tests: made by peft in the published form, rewritten into the other forms."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import FluxPipeline, FluxTransformer2DModel
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import save_file
from small_flux import random_transformer

from devtools.bfl import DOUBLE_JOINED, SINGLE_JOINED, Weights

RANK = 4
DOUBLE_MODULES = (
    r"transformer_blocks\.\d+\.attn\."
    r"(to_q|to_k|to_v|to_out\.0|add_q_proj|add_k_proj|add_v_proj|to_add_out)"
)
ALL_MODULES = (
    rf"{DOUBLE_MODULES}|single_transformer_blocks\.\d+\.(attn\.to_q|attn\.to_k|attn\.to_v|proj_out)"
)
"""The published files' modules: of the vitonhd file, and of the others."""


def published_lora(modules: str = ALL_MODULES, seed: int = 0) -> Weights:
    """Return a random LoRA as the published files have it: `transformer.<module>.lora_A.weight`."""
    transformer = random_transformer()
    torch.manual_seed(seed)
    transformer.add_adapter(
        LoraConfig(r=RANK, lora_alpha=RANK, target_modules=modules, init_lora_weights=False)
    )
    state = get_peft_model_state_dict(transformer)
    return {f"transformer.{key}": weight.detach().clone() for key, weight in state.items()}


def modules_of(lora: Weights) -> list[str]:
    """Return the published form's module names, with their prefix."""
    end = ".lora_A.weight"
    return [key.removesuffix(end) for key in lora if key.endswith(end)]


def with_alphas(lora: Weights, alpha: float) -> Weights:
    """Return the LoRA with an alpha tensor for every module."""
    return lora | {f"{module}.alpha": torch.tensor(alpha) for module in modules_of(lora)}


def without_prefix(lora: Weights) -> Weights:
    """Return the LoRA as `transformer.save_lora_adapter` writes it."""
    return {key.removeprefix("transformer."): weight for key, weight in lora.items()}


def adapter_metadata(**config) -> dict[str, str]:
    """Return the header entry that diffusers' `save_lora_weights` writes for a peft config."""
    entries = {f"transformer.{key}": value for key, value in config.items()}
    return {"lora_adapter_metadata": json.dumps(entries)}


def fused(lora: Weights, scale: float) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Return {FLUX.1's own module name: (down, up)}; joined projections become block-diagonal.

    `scale` is folded into up, so that alpha equals the rank.
    """
    renamed = {
        "double_blocks": {
            "img_attn.proj": ("attn.to_out.0",),
            "txt_attn.proj": ("attn.to_add_out",),
            **DOUBLE_JOINED,
        },
        "single_blocks": {
            "linear1": SINGLE_JOINED["linear1"][:3],
            "linear2": ("proj_out",),
        },
    }
    old_names = {
        "double_blocks": "transformer.transformer_blocks",
        "single_blocks": "transformer.single_transformer_blocks",
    }
    hidden = lora["transformer.transformer_blocks.0.attn.to_q.lora_A.weight"].shape[1]
    pairs = {}
    for kind, names in renamed.items():
        for i in range(2):
            for new, olds in names.items():
                modules = [f"{old_names[kind]}.{i}.{old}" for old in olds]
                down = torch.cat([lora[f"{module}.lora_A.weight"] for module in modules])
                ups = [lora[f"{module}.lora_B.weight"] * scale for module in modules]
                up = torch.block_diag(*ups)
                if new == "linear1":  # the MLP's rows follow, and the LoRA leaves them alone
                    up = torch.nn.functional.pad(up, (0, 0, 0, 4 * hidden))
                pairs[f"{kind}.{i}.{new}"] = (down, up)
    return pairs


def kohya_form(lora: Weights, scale: float) -> Weights:
    """Return the same LoRA as kohya's scripts write it, with an alpha for every module."""
    result = {}
    for module, (down, up) in fused(lora, scale).items():
        name = "lora_unet_" + module.replace(".", "_")
        result[f"{name}.lora_down.weight"] = down
        result[f"{name}.lora_up.weight"] = up.contiguous()
        result[f"{name}.alpha"] = torch.tensor(float(down.shape[0]))
    return result


def comfy_form(lora: Weights, scale: float) -> Weights:
    """Return the same LoRA as ComfyUI's own LoraSave writes it: no alpha."""
    result = {}
    for module, (down, up) in fused(lora, scale).items():
        result[f"diffusion_model.{module}.lora_down.weight"] = down
        result[f"diffusion_model.{module}.lora_up.weight"] = up.contiguous()
    return result


def saved(folder: Path, lora: Weights, header: dict[str, str] | None = None, name="lora") -> str:
    """Write a safetensors file into `folder`; return its name."""
    save_file(lora, folder / f"{name}.safetensors", metadata=header)
    return f"{name}.safetensors"


def loaded_by_diffusers(
    folder: Path, *files: tuple[str, float], transformer: FluxTransformer2DModel | None = None
) -> FluxTransformer2DModel:
    """Return the small transformer with (file name, strength) LoRAs on it, by diffusers' loader."""
    transformer = transformer or random_transformer()
    for number, (name, _) in enumerate(files):
        state, alphas, metadata = FluxPipeline.lora_state_dict(
            str(folder), weight_name=name, return_alphas=True, return_lora_metadata=True
        )
        FluxPipeline.load_lora_into_transformer(
            state, alphas, transformer, adapter_name=f"lora{number}", metadata=metadata
        )
    names = [f"lora{number}" for number in range(len(files))]
    transformer.set_adapters(names, [strength for _, strength in files])
    return transformer
