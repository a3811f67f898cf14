"""The sampling loop on diffusers' FluxTransformer2DModel.

Latents here are [B,16,h,w] in the transformer's own scaling (see `scaled`); tokens are [B,N,64].
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise

import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel

from .ids import layout_ids

SCALING, SHIFT = 0.3611, 0.1159
"""FLUX.1's autoencoder config (scaling_factor, shift_factor)."""


def scaled(raw: torch.Tensor) -> torch.Tensor:
    """Return the transformer's latent for the autoencoder's."""
    return (raw - SHIFT) * SCALING


def raw(scaled_latent: torch.Tensor) -> torch.Tensor:
    """Return the autoencoder's latent for the transformer's."""
    return scaled_latent / SCALING + SHIFT


def tokens(latent: torch.Tensor) -> torch.Tensor:
    """Return [B, h/2 * w/2, 64] for [B,16,h,w]: each token is a 2x2 patch, channels first."""
    return F.unfold(latent, kernel_size=2, stride=2).mT


def untokens(sequence: torch.Tensor, latent_h: int, latent_w: int) -> torch.Tensor:
    """Return [B,16,h,w] for [B, h/2 * w/2, 64]."""
    return F.fold(sequence.mT, (latent_h, latent_w), kernel_size=2, stride=2)


@dataclass(frozen=True, eq=False)
class Conditioning:
    """What one side (positive or negative) sees.

    `text` [1,T,4096], `pooled` [1,768]; `person` and `garments` are scaled latents [B,16,h,w].
    `noises` (one per condition, person first) noises the conditions: the ablation.
    `kept` [N conditions] bool: the condition tokens that are left, all where it is None.
    `control` are residuals [N target tokens, hidden], one a block: (double blocks', single ones').
    """

    text: torch.Tensor
    pooled: torch.Tensor
    guidance: float = 3.5
    layout: str = "any2any"
    person: torch.Tensor | None = None
    garments: list[torch.Tensor] = field(default_factory=list)
    noises: list[torch.Tensor] | None = None
    kept: torch.Tensor | None = None
    control: tuple[list[torch.Tensor], list[torch.Tensor]] | None = None

    @property
    def conditions(self) -> list[torch.Tensor]:
        return ([] if self.person is None else [self.person]) + self.garments

    def with_text(self, text: torch.Tensor, pooled: torch.Tensor) -> Conditioning:
        """Return the same conditions with another text."""
        return replace(self, text=text, pooled=pooled)

    def zeroed(self) -> Conditioning:
        """Return the same conditions with an empty text."""
        return self.with_text(torch.zeros_like(self.text), torch.zeros_like(self.pooled))

    def image_seq_len(self, target: torch.Tensor) -> int:
        """Return the tokens of the whole canvas."""
        return sum(tokens(latent).shape[1] for latent in [target, *self.conditions])


@contextmanager
def single_block_ids(transformer: FluxTransformer2DModel, ids: torch.Tensor):
    """Give the single blocks their own ids [T + N,3] (the vitonhd script's second embedding)."""
    rotary = transformer.pos_embed(ids)

    def swap(block, args, kwargs):
        return args, kwargs | {"image_rotary_emb": rotary}

    hooks = [
        block.register_forward_pre_hook(swap, with_kwargs=True)
        for block in transformer.single_transformer_blocks
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def control_arguments(side: Conditioning, image_seq_len: int) -> dict:
    """Return diffusers' ControlNet arguments: residuals on the target's tokens alone."""
    if side.control is None:
        return {}
    double, single = (
        [F.pad(one, (0, 0, 0, image_seq_len - one.shape[0]))[None] for one in residuals]
        for residuals in side.control
    )
    return {"controlnet_block_samples": double, "controlnet_single_block_samples": single}


def velocity(
    transformer: FluxTransformer2DModel, latent: torch.Tensor, sigma: float, side: Conditioning
) -> torch.Tensor:
    """Return the target's predicted velocity, as `latent` [B,16,h,w]."""
    batch, _, latent_h, latent_w = latent.shape
    conditions = side.conditions
    if side.noises is not None:
        conditions = [
            (1 - sigma) * clean + sigma * noise
            for clean, noise in zip(conditions, side.noises, strict=True)
        ]
    sequences = [tokens(latent)]
    for condition in conditions:
        sequence = tokens(condition)  # [1 or B,N,64]
        sequences.append(sequence.repeat(batch // sequence.shape[0], 1, 1))

    def size(one: torch.Tensor) -> tuple[int, int]:
        return one.shape[-2] // 2, one.shape[-1] // 2

    double, single = layout_ids(
        side.layout,
        size(latent),
        None if side.person is None else size(side.person),
        [size(garment) for garment in side.garments],
    )
    text_ids = torch.zeros(side.text.shape[1], 3)
    sequence = torch.cat(sequences, dim=1)
    if side.kept is not None:
        kept = torch.cat([torch.ones(tokens(latent).shape[1], dtype=torch.bool), side.kept])
        sequence, double, single = sequence[:, kept], double[kept], single[kept]
    image_seq_len = double.shape[0]
    with single_block_ids(transformer, torch.cat([text_ids, single])), torch.no_grad():
        output = transformer(
            hidden_states=sequence,
            encoder_hidden_states=side.text.expand(batch, -1, -1),
            pooled_projections=side.pooled.expand(batch, -1),
            timestep=torch.full((batch,), sigma),
            guidance=torch.full((batch,), side.guidance),
            img_ids=double,
            txt_ids=text_ids,
            **control_arguments(side, image_seq_len),
        ).sample
    return untokens(output[:, : tokens(latent).shape[1]], latent_h, latent_w)


def sampled(
    transformer: FluxTransformer2DModel,
    start: torch.Tensor,
    sigmas: torch.Tensor,
    positive: Conditioning,
    negative: Conditioning | None = None,
    cfg: float = 1.0,
) -> torch.Tensor:
    """Return the Euler solution from `start` [B,16,h,w] at sigmas[0]; one sigma a step, then 0."""
    latent = start
    for sigma, following in pairwise(sigmas.tolist()):
        direction = velocity(transformer, latent, sigma, positive)
        if cfg != 1.0:
            without = velocity(transformer, latent, sigma, negative)
            direction = without + cfg * (direction - without)
        latent = latent + (following - sigma) * direction
    return latent


def relative_difference(got: torch.Tensor, expected: torch.Tensor) -> float:
    """Return |got - expected| / |expected|, Frobenius norms."""
    return ((got - expected).norm() / expected.norm()).item()
