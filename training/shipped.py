"""A demo's files, back in training's form: what a new training or an ablation stands on."""

from __future__ import annotations

from pathlib import Path

import torch
from peft import set_peft_model_state_dict
from safetensors.torch import load_file

from devtools.bfl import diffusers_weights

from .export import ALL_JOBS_LORA, DEMO, ISOLATED_LORA, LORA
from .learner import Learner

FILES = {
    "base": "diffusion_models/any2any_demo_base.safetensors",
    "text": "text_encoders/any2any_demo_text.safetensors",
    "autoencoder": "vae/any2any_demo_vae.safetensors",
    "lora": f"loras/{LORA}",
    "isolated": f"loras/{ISOLATED_LORA}",
    "alltasks": f"loras/{ALL_JOBS_LORA}",
}
"""LoRAs by the stage that trains them."""


def weights_of(part: str, demo: Path = DEMO) -> dict[str, torch.Tensor]:
    """Return the weights of one of `FILES`, in float32."""
    return {name: weight.float() for name, weight in load_file(demo / FILES[part]).items()}


def load_base(learner: Learner, demo: Path = DEMO) -> None:
    """Give the learner a demo's base and words; a LoRA on it stays as it is."""
    learner.words.load_state_dict(weights_of("text", demo))
    base = diffusers_weights(weights_of("base", demo))
    own = learner.transformer.state_dict()
    plain = {name: base[name.replace(".base_layer", "")] for name in own if "lora_" not in name}
    learner.transformer.load_state_dict(own | plain)


def load_lora(learner: Learner, file: Path) -> None:
    """Give the learner's LoRA the weights of a file in the published form."""
    weights = {
        name.removeprefix("transformer."): weight.float()
        for name, weight in load_file(file).items()
    }
    set_peft_model_state_dict(learner.transformer, weights)
