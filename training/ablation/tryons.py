"""Try-ons as a row's transformer sees them, and a training step's draw of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from any2any_core.positions import Grid
from devtools.flux import tokens

from ..batches import CLOTHES_WEIGHT
from ..transformer import drawn_sigmas
from .pool import WORN, Pool
from .rows import Row

BATCH = 8
STEPS_A_SEED = 10_000_000
"""More steps than any run has: a seed and a step give a draw of their own."""


@dataclass(frozen=True, eq=False)
class TryOns:
    """B try-ons: `conditions` [B,C,64] with `ids` [N,3] of the target's tokens and theirs.

    condition_noise: what they are noised with [B,C,64], in the row that noises them.
    """

    targets: int
    conditions: torch.Tensor
    ids: torch.Tensor
    condition_noise: torch.Tensor | None = None

    def to(self, device: torch.device) -> TryOns:
        noise = self.condition_noise
        return replace(
            self,
            conditions=self.conditions.to(device),
            ids=self.ids.to(device),
            condition_noise=None if noise is None else noise.to(device),
        )

    def conditions_at(self, sigmas: torch.Tensor) -> torch.Tensor:
        """Return the conditions [B,C,64] that go with the noise levels [B]."""
        if self.condition_noise is None:
            return self.conditions
        level = sigmas[:, None, None]
        return (1 - level) * self.conditions + level * self.condition_noise


@dataclass(frozen=True, eq=False)
class Step:
    """What one step of the training sees.

    clean, noise: the target's [B,108,64]; sigmas: [B]; weight: how much each token counts [B,108].
    """

    tryons: TryOns
    clean: torch.Tensor
    noise: torch.Tensor
    sigmas: torch.Tensor
    weight: torch.Tensor

    def to(self, device: torch.device) -> Step:
        return Step(**{name: part.to(device) for name, part in vars(self).items()})


def grid(latent: torch.Tensor) -> Grid:
    """Return the size in tokens of latents [B,16,h,w]."""
    return Grid(latent.shape[-2] // 2, latent.shape[-1] // 2)


def conditioned(
    row: Row, target: Grid, latents: list[torch.Tensor], noises: list[torch.Tensor]
) -> TryOns:
    """Return try-ons of a row from its conditions' latents [B,16,h,w], person and garment.

    noises: one a condition [B,16,h,w], which only the row that noises conditions takes.
    """
    return TryOns(
        target.tokens,
        torch.cat([tokens(latent.float()) for latent in latents], dim=1),
        row.ids(target, *map(grid, latents)),
        None if row.clean else torch.cat([tokens(noise) for noise in noises], dim=1),
    )


def drawn_step(row: Row, pool: Pool, seed: int, step: int) -> Step:
    """Return the batch of a step; whatever the row does not change is the same in every row."""
    generator = torch.Generator().manual_seed(STEPS_A_SEED * seed + step)

    def draw(limit: int) -> torch.Tensor:
        return torch.randint(limit, (BATCH,), generator=generator)

    persons, place = draw(len(pool.worn)), draw(WORN)
    target = pool.worn[persons, place]
    if row.together:
        latents = [pool.person[persons, place], pool.garment[persons, place]]
    else:
        latents = [
            pool.worn[persons, (place + 1) % WORN],
            pool.flat[pool.tops[persons, place]],
        ]
    noise, *noises = (torch.randn(target.shape, generator=generator) for _ in range(3))
    tryons = conditioned(row, grid(target), latents, noises)
    return Step(
        tryons,
        clean=tokens(target.float()),
        noise=tokens(noise),
        sigmas=drawn_sigmas(BATCH, len(tryons.ids), generator),
        weight=1 + CLOTHES_WEIGHT * pool.clothes[persons, place].float(),
    )
