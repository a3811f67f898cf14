"""A FLUX.1 transformer's weights under the original names, as users' files have, and diffusers'."""

from __future__ import annotations

from collections.abc import Iterator

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
LAST_NORM, LAST_MODULATION = "norm_out.linear", "final_layer.adaLN_modulation.1"
"""Scale and shift in diffusers, shift and scale in the original."""
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
    blocks = count(source, "transformer_blocks"), count(source, "single_transformer_blocks")
    result = {}
    for parts, name in pairs(*blocks):
        result[name] = (
            torch.cat([source[part] for part in parts]) if parts[1:] else source[parts[0]]
        )
    return result | halves_swapped(source, LAST_NORM, LAST_MODULATION)


def diffusers_weights(source: Weights) -> Weights:
    """Return a transformer's weights in FLUX.1's original names under diffusers'.

    What the original joins comes as views of it: nothing is copied.
    """
    blocks = count(source, "double_blocks"), count(source, "single_blocks")
    hidden = source["img_in.weight"].shape[0]
    result = {}
    for parts, name in pairs(*blocks):
        rows = source[name].shape[0]
        heights = [hidden] * (len(parts) - 1)
        heights.append(rows - sum(heights))  # linear1 ends with the MLP's
        result |= zip(parts, source[name].split(heights))
    return result | halves_swapped(source, LAST_MODULATION, LAST_NORM)


def pairs(double: int, single: int) -> Iterator[tuple[list[str], str]]:
    """Yield the names of diffusers' tensors and the original's, in which they lie joined."""

    def block(old: str, new: str, names: dict, norms: dict, joined: dict):
        for end in ("weight", "bias"):
            for ours, theirs in names.items():
                yield [f"{old}{ours}.{end}"], f"{new}{theirs}.{end}"
            for theirs, parts in joined.items():
                yield [f"{old}{part}.{end}" for part in parts], f"{new}{theirs}.{end}"
        for ours, theirs in norms.items():
            yield [f"{old}{ours}.weight"], f"{new}{theirs}.scale"

    yield from block("", "", ROOT_NAMES, {}, {})
    for i in range(double):
        old, new = f"transformer_blocks.{i}.", f"double_blocks.{i}."
        yield from block(old, new, DOUBLE_NAMES, DOUBLE_NORMS, DOUBLE_JOINED)
    for i in range(single):
        old, new = f"single_transformer_blocks.{i}.", f"single_blocks.{i}."
        yield from block(old, new, SINGLE_NAMES, SINGLE_NORMS, SINGLE_JOINED)


def halves_swapped(source: Weights, name: str, renamed: str) -> Weights:
    """Return the last modulation under its other name, its two halves in the other order."""
    return {
        f"{renamed}.{end}": torch.cat(source[f"{name}.{end}"].chunk(2)[::-1])
        for end in ("weight", "bias")
    }


def count(source: Weights, blocks: str) -> int:
    """Return how many blocks of a kind there are."""
    return len({name.split(".")[1] for name in source if name.startswith(f"{blocks}.")})
