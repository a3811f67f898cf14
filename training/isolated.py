"""Isolated conditions on diffusers' transformer: the layout whose condition keys can be kept.

Condition tokens attend to condition tokens alone, at timestep 0, with the run's own guidance and
no text in their modulation; text and target attend to everything. So nothing about the conditions
depends on the target: one call computes them and keeps every layer's keys and values, and each
further call computes text and target beside what was kept. Training makes both calls a step, and
gradients flow through both; a sampler makes the first one once.
"""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel
from diffusers.models.attention_dispatch import dispatch_attention_fn
from diffusers.models.embeddings import apply_rotary_emb

from .transformer import velocity

Kept = dict[str, tuple[torch.Tensor, torch.Tensor]]
"""By layer: the conditions' keys (rotated) and values, [B,C,heads,width] each."""


class IsolatedAttention:
    """FLUX.1's attention, which can keep its keys and values, or see kept ones besides.

    With neither it is what diffusers has by default.
    """

    _attention_backend = None  # what diffusers' set_attention_backend sets
    _parallel_config = None

    def __init__(self, layer: str):
        self.layer = layer

    def __call__(
        self,
        attn,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        image_rotary_emb: tuple[torch.Tensor, torch.Tensor] | None = None,
        keep_in: Kept | None = None,
        kept: Kept | None = None,
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        query, key, value = image_projections(attn, hidden_states)  # [B,N,heads,width]
        text_len = 0
        if encoder_hidden_states is not None:  # a double block: text has its own layers
            text_len = encoder_hidden_states.shape[1]
            pairs = zip(text_projections(attn, encoder_hidden_states), (query, key, value))
            query, key, value = (torch.cat(pair, dim=1) for pair in pairs)  # [B,T+N,..]
        if image_rotary_emb is not None:
            query, key = (
                apply_rotary_emb(one, image_rotary_emb, sequence_dim=1) for one in (query, key)
            )
        if keep_in is not None:
            # a checkpointed block runs again in the backward pass: the first values stay
            keep_in.setdefault(self.layer, (key, value))
        if kept is not None:
            key, value = (
                torch.cat([own, other.to(own.dtype)], dim=1)  # [B,T+N+C,..]
                for own, other in zip((key, value), kept[self.layer])
            )
        attended = dispatch_attention_fn(
            query,
            key,
            value,
            attn_mask=attention_mask,
            backend=self._attention_backend,
            parallel_config=self._parallel_config,
        )
        attended = attended.flatten(2, 3).to(query.dtype)  # [B,T+N,hidden]
        if encoder_hidden_states is None:
            return attended
        text, image = attended[:, :text_len], attended[:, text_len:]
        return attn.to_out[1](attn.to_out[0](image)), attn.to_add_out(text)


def image_projections(attn, states: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return query, key and value [B,N,heads,width] of image tokens, or of a single block's."""
    query, key, value = (layer(states) for layer in (attn.to_q, attn.to_k, attn.to_v))
    query, key, value = (one.unflatten(-1, (-1, attn.head_dim)) for one in (query, key, value))
    return attn.norm_q(query), attn.norm_k(key), value


def text_projections(attn, states: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return query, key and value [B,T,heads,width] of a double block's text tokens."""
    layers = (attn.add_q_proj, attn.add_k_proj, attn.add_v_proj)
    query, key, value = (layer(states).unflatten(-1, (-1, attn.head_dim)) for layer in layers)
    return attn.norm_added_q(query), attn.norm_added_k(key), value


def isolate(transformer: FluxTransformer2DModel) -> None:
    """Give every layer the attention that can keep keys; other calls give what they gave."""
    transformer.set_attn_processor(
        {name: IsolatedAttention(name) for name in transformer.attn_processors}
    )


def kept_conditions(
    transformer: FluxTransformer2DModel,
    conditions: torch.Tensor,
    ids: torch.Tensor,
    guidance: torch.Tensor,
) -> Kept:
    """Return all layers' keys and values of clean conditions [B,C,64] with ids [C,3].

    guidance: [B], the run's own. The text is empty and its pooled vector zero.

    Raises:
        ValueError: `isolate` was not called on the transformer.
    """
    kept: Kept = {}
    config = transformer.config
    transformer(
        hidden_states=conditions,
        encoder_hidden_states=conditions.new_zeros(len(conditions), 0, config.joint_attention_dim),
        pooled_projections=conditions.new_zeros(len(conditions), config.pooled_projection_dim),
        timestep=torch.zeros_like(guidance),
        guidance=guidance,
        img_ids=ids,
        txt_ids=ids.new_zeros(0, 3),
        joint_attention_kwargs={"keep_in": kept},
        return_dict=False,
    )
    layers = len(transformer.attn_processors)
    if len(kept) != layers:
        raise ValueError(
            f"{len(kept)} of {layers} layers kept their keys, but all were expected: call "
            "isolate(transformer) first."
        )
    return kept


def velocity_beside(
    transformer: FluxTransformer2DModel,
    kept: Kept,
    target: torch.Tensor,
    sigmas: torch.Tensor,
    ids: torch.Tensor,
    text: torch.Tensor,
    pooled: torch.Tensor,
    guidance: torch.Tensor,
) -> torch.Tensor:
    """Return the predicted noise - clean [B,N,64] of target tokens [B,N,64] with ids [N,3].

    They attend to the text [B,T,4096], to each other and to the kept conditions; `sigmas` and
    `guidance` are [B], `pooled` [B,768].
    """
    return transformer(
        hidden_states=target,
        encoder_hidden_states=text,
        pooled_projections=pooled,
        timestep=sigmas,
        guidance=guidance,
        img_ids=ids,
        txt_ids=ids.new_zeros(text.shape[1], 3),
        joint_attention_kwargs={"kept": kept},
        return_dict=False,
    )[0]


def target_velocity(
    transformer: FluxTransformer2DModel,
    tokens: torch.Tensor,
    targets: int,
    sigmas: torch.Tensor,
    ids: torch.Tensor,
    text: torch.Tensor,
    pooled: torch.Tensor,
    guidance: float,
    isolated: bool,
) -> torch.Tensor:
    """Return the target's velocity [B,targets,64], with isolated conditions or joint ones.

    tokens: [B,N,64], the target's `targets` tokens first; ids: [N,3].
    """
    seen = (sigmas, ids, text, pooled)
    if isolated:
        return isolated_velocity(
            transformer, tokens, targets, *seen, torch.full_like(sigmas, guidance)
        )
    return velocity(transformer, tokens, *seen, guidance)[:, :targets]


def isolated_velocity(
    transformer: FluxTransformer2DModel,
    tokens: torch.Tensor,
    targets: int,
    sigmas: torch.Tensor,
    ids: torch.Tensor,
    text: torch.Tensor,
    pooled: torch.Tensor,
    guidance: torch.Tensor,
) -> torch.Tensor:
    """Return the target's velocity [B,targets,64]: a training step's two calls.

    tokens: [B,N,64], the target's `targets` tokens first, then the clean conditions'; ids: [N,3].
    """
    kept = kept_conditions(transformer, tokens[:, targets:], ids[targets:], guidance)
    target, target_ids = tokens[:, :targets], ids[:targets]
    return velocity_beside(transformer, kept, target, sigmas, target_ids, text, pooled, guidance)
