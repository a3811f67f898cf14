"""The demo model's files as ComfyUI's MODEL, CLIP and VAE."""

from __future__ import annotations

from pathlib import Path

import comfy.model_detection
import comfy.model_management as management
import comfy.model_patcher
import comfy.ops
import comfy.sd
import comfy.supported_models
import comfy.utils
import torch
from comfy.supported_models_base import ClipTarget

from ...any2any_core.demo_text import WordEncoder, token_ids
from ...any2any_core.lora import read_safetensors

DEMO = Path(__file__).parents[2] / "demo"
TRANSFORMER = DEMO / "diffusion_models" / "any2any_demo_base.safetensors"
TEXT_ENCODER = DEMO / "text_encoders" / "any2any_demo_text.safetensors"
AUTOENCODER = DEMO / "vae" / "any2any_demo_vae.safetensors"

TRANSFORMER_SHAPE = {"num_heads": 4, "axes_dim": [8, 28, 28]}
"""What the weights' shapes do not tell; the stock loader takes FLUX.1-dev's 24 and 16, 56, 56."""


def demo_weights(path: Path) -> dict[str, torch.Tensor]:
    """Return a demo file's tensors.

    Raises:
        ValueError: the file is missing or damaged.
    """
    if not path.is_file():
        raise ValueError(
            f"demo/{path.relative_to(DEMO)} is not there, but the demo model's file was expected: "
            "install the pack again, or run `python dev.py train-demo` to make it."
        )
    return read_safetensors(path)[0]


def demo_model():
    """Return the small transformer as a MODEL, in the dtype that suits the device."""
    weights = demo_weights(TRANSFORMER)
    shape = comfy.model_detection.detect_unet_config(weights, "")
    config = comfy.supported_models.Flux({**shape, **TRANSFORMER_SHAPE})
    load_device = management.get_torch_device()
    supported = config.supported_inference_dtypes
    dtype = management.unet_dtype(
        device=load_device,
        model_params=comfy.utils.calculate_parameters(weights),
        supported_dtypes=supported,
    )
    config.set_inference_dtype(dtype, management.unet_manual_cast(dtype, load_device, supported))
    model = config.get_model(weights, "")
    model.load_model_weights(weights, "")
    return comfy.model_patcher.ModelPatcher(
        model, load_device=load_device, offload_device=management.unet_offload_device()
    )


def demo_vae():
    """Return the small autoencoder as a VAE."""
    return comfy.sd.VAE(sd=demo_weights(AUTOENCODER))


def demo_clip():
    """Return the word encoder as a CLIP."""
    weights = demo_weights(TEXT_ENCODER)
    target = ClipTarget(DemoTokenizer, DemoTextModel)
    clip = comfy.sd.CLIP(target, parameters=comfy.utils.calculate_parameters(weights))
    clip.load_sd(weights)
    return clip


class DemoTokenizer:
    """Words to ids, in the form that CLIPTextEncode asks for: {name: [[(id, weight), ...]]}."""

    def __init__(self, embedding_directory=None, tokenizer_data=None):
        pass

    def tokenize_with_weights(self, text: str, return_word_ids: bool = False, **options) -> dict:
        return {"words": [[(token, 1.0) for token in token_ids(text)]]}

    def untokenize(self, tokens: list) -> list:
        return tokens

    def state_dict(self) -> dict:
        return {}


class DemoTextModel(torch.nn.Module):
    """The word encoder behind ComfyUI's text encoder interface."""

    def __init__(self, device="cpu", dtype=None, model_options=None):
        super().__init__()
        self.words = WordEncoder(operations=comfy.ops.manual_cast, dtype=dtype, device=device)
        self.dtypes = {dtype}

    def set_clip_options(self, options: dict) -> None:
        pass

    def reset_clip_options(self) -> None:
        pass

    def encode_token_weights(self, tokens: dict) -> tuple[torch.Tensor, torch.Tensor]:
        ids = torch.tensor([[token for token, _ in row] for row in tokens["words"]])
        text, pooled = self.words(ids.to(management.text_encoder_device()))
        intermediate = management.intermediate_device()
        return text.float().to(intermediate), pooled.float().to(intermediate)

    def load_sd(self, weights: dict):
        return self.words.load_state_dict(weights, strict=True)
