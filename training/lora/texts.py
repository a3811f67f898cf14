"""Text encoders: prompts to the two embeddings that FLUX.1 takes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import torch
from diffusers import FluxPipeline
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer, T5Config, T5EncoderModel
from transformers import T5TokenizerFast as T5Tokenizer

from any2any_core.demo_text import WordEncoder, token_ids
from any2any_core.lora import read_safetensors
from devtools.bfl import Weights


class Texts(Protocol):
    """What embeds prompts."""

    def embedded(self, prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the text [T,4096] and the pooled vector [768] of one prompt."""


class DemoTexts:
    """The demo's hashed words."""

    def __init__(self, path: Path):
        self.words = WordEncoder()
        weights = read_safetensors(path)[0]
        self.words.load_state_dict({name: weight.float() for name, weight in weights.items()})

    @torch.no_grad()
    def embedded(self, prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
        text, pooled = self.words(torch.tensor([token_ids(prompt)]))
        return text[0], pooled[0]


class FluxTexts:
    """T5 and CLIP-L, by diffusers' own pipeline."""

    def __init__(self, pipeline: FluxPipeline, text_tokens: int, device: torch.device):
        self.pipeline, self.text_tokens = pipeline, text_tokens
        pipeline.text_encoder.to(device)
        pipeline.text_encoder_2.to(device)
        self.device = device

    @torch.no_grad()
    def embedded(self, prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
        text, pooled, _ = self.pipeline.encode_prompt(
            prompt, device=self.device, max_sequence_length=self.text_tokens
        )
        return text[0], pooled[0]


def texts_of_folder(folder: Path, text_tokens: int, dtype: torch.dtype, device) -> FluxTexts:
    """Return the text encoders of a diffusers pipeline's folder."""
    pipeline = FluxPipeline.from_pretrained(
        folder, transformer=None, vae=None, torch_dtype=dtype, local_files_only=True
    )
    return FluxTexts(pipeline, text_tokens, device)


def texts_of_files(clip: Path, t5: Path, text_tokens: int, dtype: torch.dtype, device) -> FluxTexts:
    """Return the text encoders of ComfyUI's two files, with the tokenizers that ComfyUI ships.

    Raises:
        ValueError: a file is missing or another one, or ComfyUI is not known.
    """
    clip_tokens, t5_tokens = tokenizer_folders()
    clip_weights, t5_weights = encoder_weights(clip, "--clip"), encoder_weights(t5, "--t5")
    if "text_model.embeddings.token_embedding.weight" not in clip_weights:
        raise ValueError(
            f"'{clip.name}' is no CLIP-L text encoder, but clip_l.safetensors was expected: give "
            "--clip that file."
        )
    if "shared.weight" not in t5_weights:
        raise ValueError(
            f"'{t5.name}' is no T5 text encoder, but t5xxl_fp16.safetensors was expected: give "
            "--t5 that file."
        )
    pipeline = FluxPipeline(
        scheduler=None,
        vae=None,
        transformer=None,
        text_encoder=with_weights(CLIPTextModel, clip_config(clip_weights), clip_weights, dtype),
        tokenizer=CLIPTokenizer.from_pretrained(clip_tokens),
        text_encoder_2=with_weights(T5EncoderModel, t5_config(t5_weights), t5_weights, dtype),
        tokenizer_2=T5Tokenizer.from_pretrained(t5_tokens),
    )
    return FluxTexts(pipeline, text_tokens, device)


def tokenizer_folders() -> tuple[Path, Path]:
    """Return ComfyUI's folders for CLIP's and T5's tokens."""
    comfy = Path(os.environ.get("COMFYUI_PATH", "")) / "comfy"
    folders = comfy / "sd1_tokenizer", comfy / "text_encoders" / "t5_tokenizer"
    if not all(folder.is_dir() for folder in folders):
        raise ValueError(
            "Text encoders as single files need the tokenizers that ComfyUI ships, but "
            f"COMFYUI_PATH is '{os.environ.get('COMFYUI_PATH', '')}': set it to ComfyUI's folder, "
            "or give --base a whole diffusers folder."
        )
    return folders


def encoder_weights(path: Path, word: str) -> Weights:
    if not path.is_file():
        raise ValueError(
            f"{word} is '{path.name}', but nothing is there: give it the file that ComfyUI has in "
            "models/text_encoders."
        )
    return read_safetensors(path)[0]


def with_weights(kind: type, config, weights: Weights, dtype: torch.dtype) -> nn.Module:
    """Return a transformers model with a file's weights; what the file has besides is left.

    Raises:
        ValueError: one is missing.
    """
    with torch.device("meta"):
        module = kind(config)
    own = {name: source_of(name, weights) for name in module.state_dict()}
    if missing := [name for name, tensor in own.items() if tensor is None]:
        raise ValueError(
            f"The text encoder's file lacks {missing[0]}, but all of its weights were expected: "
            "get it again."
        )
    module.load_state_dict({name: t.to(dtype) for name, t in own.items()}, assign=True)
    for name, buffer in list(module.named_buffers()):
        if buffer.is_meta:  # the one kind that no file has: 0, 1, 2, ...
            parent, _, own_name = name.rpartition(".")
            setattr(module.get_submodule(parent), own_name, torch.arange(buffer.shape[-1])[None])
    return module.eval().requires_grad_(False)


def source_of(name: str, weights: Weights) -> torch.Tensor | None:
    """Return a weight; transformers 5 has left CLIP's first word out, and T5's table is shared."""
    shared = "shared.weight" if name == "encoder.embed_tokens.weight" else name
    return weights.get(name, weights.get(f"text_model.{name}", weights.get(shared)))


def clip_config(weights: Weights) -> CLIPTextConfig:
    """Return CLIP's config as its weights' shapes tell it; a head is 64 wide."""
    vocabulary, width = weights["text_model.embeddings.token_embedding.weight"].shape
    return CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=weights["text_model.encoder.layers.0.mlp.fc1.weight"].shape[0],
        num_hidden_layers=layers(weights, "text_model.encoder.layers."),
        num_attention_heads=max(1, width // 64),
        max_position_embeddings=weights["text_model.embeddings.position_embedding.weight"].shape[0],
        hidden_act="quick_gelu",
        bos_token_id=49406,
        eos_token_id=49407,
        pad_token_id=49407,
    )


def t5_config(weights: Weights) -> T5Config:
    """Return T5's config (version 1.1, gated GELU) as its weights' shapes tell it."""
    vocabulary, width = weights["shared.weight"].shape
    first = "encoder.block.0.layer.0.SelfAttention."
    buckets, heads = weights[f"{first}relative_attention_bias.weight"].shape
    return T5Config(
        vocab_size=vocabulary,
        d_model=width,
        d_kv=weights[f"{first}q.weight"].shape[0] // heads,
        d_ff=weights["encoder.block.0.layer.1.DenseReluDense.wi_0.weight"].shape[0],
        num_layers=layers(weights, "encoder.block."),
        num_heads=heads,
        relative_attention_num_buckets=buckets,
        feed_forward_proj="gated-gelu",
        is_encoder_decoder=False,
        use_cache=False,
    )


def layers(weights: Weights, prefix: str) -> int:
    """Return how many numbers follow a prefix."""
    rests = [name.removeprefix(prefix) for name in weights if name.startswith(prefix)]
    return len({rest.split(".")[0] for rest in rests})
