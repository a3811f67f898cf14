"""A LoRA as the published files have it, with what it is for in its header."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from peft import get_peft_model_state_dict
from safetensors.torch import save_file

from any2any_core.lora import HEADER_KEY

from ..stage import written_whole


def published_weights(transformer) -> dict[str, torch.Tensor]:
    """Return the LoRA's weights under the published files' keys."""
    return {
        f"transformer.{name}": weight
        for name, weight in get_peft_model_state_dict(transformer).items()
    }


def with_alphas(weights: dict[str, torch.Tensor], alpha: float) -> dict[str, torch.Tensor]:
    """Return the weights with an alpha tensor a module: the one form that every loader reads."""
    modules = {name.rpartition(".lora_")[0] for name in weights}
    return weights | {f"{module}.alpha": torch.tensor(alpha) for module in sorted(modules)}


def write_lora(weights: dict[str, torch.Tensor], path: Path, facts: dict) -> None:
    """Write a LoRA whole or not at all; `facts` has at least its task and layout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: weight.detach().cpu().contiguous() for name, weight in weights.items()}
    with written_whole(path) as part:
        save_file(tensors, part, {HEADER_KEY: json.dumps(facts)})
