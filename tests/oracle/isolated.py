"""Isolated conditions as one masked computation over all tokens, each with its own modulation.

The sequence is text, target, conditions. Text and target carry the step's own vector; conditions
carry that of timestep 0 with no text. The mask forbids conditions to see anything but conditions.
Written from FLUX.1's block equations with the layers' own weights; no block's forward is called.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel
from diffusers.models.modeling_outputs import Transformer2DModelOutput


def isolated_mask(text: int, target: int, conditions: int) -> torch.Tensor:
    """Return which token (row) sees which (column), [S,S] bool."""
    mask = torch.ones(text + target + conditions, text + target + conditions, dtype=torch.bool)
    mask[text + target :, : text + target] = False
    return mask


def modulation(layer, vectors: torch.Tensor, parts: int) -> list[torch.Tensor]:
    """Return a norm's shifts, scales and gates, [B,S,hidden] each, from vectors [B,S,hidden]."""
    return layer.linear(F.silu(vectors)).chunk(parts, dim=-1)


def normed(states: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(states, states.shape[-1:], eps=1e-6)


def rotated(heads: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Return [B,S,H,D] turned in pairs of channels by angles [S,D]."""
    real, imaginary = heads.unflatten(-1, (-1, 2)).unbind(-1)
    turned = torch.stack([-imaginary, real], dim=-1).flatten(-2)
    return heads * cos[:, None] + turned * sin[:, None]


def attended(query, key, value, rotary, mask: torch.Tensor) -> torch.Tensor:
    """Return [B,S,hidden] for query, key and value [B,S,H,D]."""
    query, key = (rotated(one, *rotary) for one in (query, key))
    scores = torch.einsum("bqhd,bkhd->bhqk", query, key) / query.shape[-1] ** 0.5
    weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
    return torch.einsum("bhqk,bkhd->bqhd", weights, value).flatten(2)


def heads_of(attn, states: torch.Tensor, names: tuple[str, ...], norms: tuple[str, ...]):
    """Return query, key and value [B,S,H,D] by the layers of these names."""
    query, key, value = (
        getattr(attn, name)(states).unflatten(-1, (attn.heads, -1)) for name in names
    )
    return getattr(attn, norms[0])(query), getattr(attn, norms[1])(key), value


Residuals = tuple[list[torch.Tensor], list[torch.Tensor]]
"""A ControlNet's, of the double and of the single blocks."""

IMAGE = ("to_q", "to_k", "to_v"), ("norm_q", "norm_k")
TEXT = ("add_q_proj", "add_k_proj", "add_v_proj"), ("norm_added_q", "norm_added_k")


def isolated_velocity(
    transformer: FluxTransformer2DModel,
    tokens: torch.Tensor,
    targets: int,
    sigmas: torch.Tensor,
    ids: torch.Tensor,
    text: torch.Tensor,
    pooled: torch.Tensor,
    guidance: torch.Tensor,
    control: Residuals | None = None,
) -> torch.Tensor:
    """Return the target's velocity [B,targets,64] of tokens [B,N,64]: target, then conditions.

    control: what a ControlNet adds to the image tokens [B,N,hidden] behind each block.
    """
    double, single = control or (None, None)
    text_len, conditions = text.shape[1], tokens.shape[1] - targets
    mask = isolated_mask(text_len, targets, conditions)
    rotary = transformer.pos_embed(torch.cat([torch.zeros(text_len, 3), ids]))
    embed = transformer.time_text_embed
    step = embed(sigmas * 1000, guidance * 1000, pooled)[:, None]  # [B,1,hidden]
    still = embed(torch.zeros_like(sigmas), guidance * 1000, torch.zeros_like(pooled))[:, None]
    vectors = torch.cat(
        [step.expand(-1, text_len + targets, -1), still.expand(-1, conditions, -1)], dim=1
    )
    words, image = transformer.context_embedder(text), transformer.x_embedder(tokens)

    for number, block in enumerate(transformer.transformer_blocks):
        image_mod = modulation(block.norm1, vectors[:, text_len:], 6)
        words_mod = modulation(block.norm1_context, vectors[:, :text_len], 6)
        image_in = normed(image) * (1 + image_mod[1]) + image_mod[0]
        words_in = normed(words) * (1 + words_mod[1]) + words_mod[0]
        pairs = zip(heads_of(block.attn, words_in, *TEXT), heads_of(block.attn, image_in, *IMAGE))
        joined = attended(*(torch.cat(pair, dim=1) for pair in pairs), rotary, mask)
        words = words + words_mod[2] * block.attn.to_add_out(joined[:, :text_len])
        image = image + image_mod[2] * block.attn.to_out[0](joined[:, text_len:])
        words_in = normed(words) * (1 + words_mod[4]) + words_mod[3]
        image_in = normed(image) * (1 + image_mod[4]) + image_mod[3]
        words = words + words_mod[5] * block.ff_context(words_in)
        image = image + image_mod[5] * block.ff(image_in)
        if double is not None:
            image = image + double[number]

    states = torch.cat([words, image], dim=1)
    for number, block in enumerate(transformer.single_transformer_blocks):
        shift, scale, gate = modulation(block.norm, vectors, 3)
        inner = normed(states) * (1 + scale) + shift
        joined = attended(*heads_of(block.attn, inner, *IMAGE), rotary, mask)
        wide = F.gelu(block.proj_mlp(inner), approximate="tanh")
        states = states + gate * block.proj_out(torch.cat([joined, wide], dim=-1))
        if single is not None:
            words, image = states[:, :text_len], states[:, text_len:]
            states = torch.cat([words, image + single[number]], dim=1)

    target = states[:, text_len : text_len + targets]
    scale, shift = modulation(transformer.norm_out, step, 2)
    return transformer.proj_out(normed(target) * (1 + scale) + shift)


class IsolatedTransformer:
    """diffusers' transformer, called as its own forward is, with isolated conditions.

    conditions: how many of the last image tokens they are.
    """

    def __init__(self, transformer: FluxTransformer2DModel, conditions: int):
        self.transformer, self.conditions = transformer, conditions

    def __getattr__(self, name: str):
        return getattr(self.transformer, name)

    def __call__(self, **inputs) -> Transformer2DModelOutput:
        tokens = inputs["hidden_states"]
        control = None
        if "controlnet_block_samples" in inputs:
            names = "controlnet_block_samples", "controlnet_single_block_samples"
            control = tuple(inputs[name] for name in names)
        return Transformer2DModelOutput(
            isolated_velocity(
                self.transformer,
                tokens,
                tokens.shape[1] - self.conditions,
                inputs["timestep"],
                inputs["img_ids"],
                inputs["encoder_hidden_states"],
                inputs["pooled_projections"],
                inputs["guidance"],
                control,
            )
        )
