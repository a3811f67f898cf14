"""Diffusers' names of a FLUX.1 transformer's weights to the original ones, as users' files have."""

from __future__ import annotations

import torch

Weights = dict[str, torch.Tensor]

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


def bfl_weights(source: Weights) -> Weights:
    """Return a diffusers transformer's state dict under FLUX.1's original names."""
    result: Weights = {}

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
    for i in range(count(source, "transformer_blocks")):
        block(
            f"transformer_blocks.{i}.",
            f"double_blocks.{i}.",
            DOUBLE_NAMES,
            DOUBLE_NORMS,
            DOUBLE_JOINED,
        )
    for i in range(count(source, "single_transformer_blocks")):
        block(
            f"single_transformer_blocks.{i}.",
            f"single_blocks.{i}.",
            SINGLE_NAMES,
            SINGLE_NORMS,
            SINGLE_JOINED,
        )
    return result


def count(source: Weights, blocks: str) -> int:
    """Return how many blocks of a kind there are."""
    return len({name.split(".")[1] for name in source if name.startswith(f"{blocks}.")})
