"""Flow matching on a sequence whose first tokens are noised, and the others clean conditions."""

from __future__ import annotations

import torch


def partly_noised(
    clean: torch.Tensor, noised: int, sigmas: torch.Tensor, noise: torch.Tensor
) -> torch.Tensor:
    """Return tokens [B,N,64]: the first `noised` at the levels [B], the others as they are.

    Formula: x = (1 - sigma) * clean + sigma * noise; `noise` is [B,noised,64].
    """
    sigma = sigmas[:, None, None]
    noisy = (1 - sigma) * clean[:, :noised] + sigma * noise
    return torch.cat([noisy, clean[:, noised:]], dim=1)


def flow_error(
    predicted: torch.Tensor, clean: torch.Tensor, noised: int, noise: torch.Tensor
) -> torch.Tensor:
    """Return [B,noised]: the noised tokens' mean squared distance from the velocity noise - clean.

    predicted: [B,noised,64]; clean: [B,N,64].
    """
    error = predicted.float() - (noise - clean[:, :noised])
    return error.square().mean(-1)


def answers(predicted: torch.Tensor, sequence: torch.Tensor, sigmas: torch.Tensor) -> torch.Tensor:
    """Return the tokens [B,N,64] that velocities [B,N,64] point at from a sequence at levels [B].

    Formula: x - sigma * v, which is the clean token where v is noise - clean.
    """
    return sequence - sigmas[:, None, None] * predicted.float()


def answer_error(
    predicted: torch.Tensor,
    sequence: torch.Tensor,
    sigmas: torch.Tensor,
    clean: torch.Tensor,
    noised: int,
) -> torch.Tensor:
    """Return [B,noised]: the noised tokens' mean squared distance of the answer from the truth.

    predicted: [B,noised,64]; sequence, clean: [B,N,64].
    """
    answer = answers(predicted, sequence[:, :noised], sigmas)
    return (answer - clean[:, :noised]).square().mean(-1)
