"""Keys and values of the condition tokens, kept from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

Layer = tuple[str, int]
"""A block's kind, `double` or `single`, and its number."""


class Workspace:
    """One layer's whole K and V [B,heads,N,D], written in place and used by every layer in turn."""

    def __init__(self) -> None:
        self.pair: tuple[torch.Tensor, torch.Tensor] | None = None

    def joined(
        self, front: tuple[torch.Tensor, ...], kept: tuple[torch.Tensor, ...]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return K and V of front [B,heads,n,D] and kept [B,heads,m,D], n + m tokens long."""
        batch, heads, length, width = front[0].shape
        whole = (batch, heads, length + kept[0].shape[2], width)
        if self.pair is None or self.pair[0].shape != whole:
            self.pair = tuple(torch.empty(whole, dtype=k.dtype, device=k.device) for k in front)
        for buffer, first, last in zip(self.pair, front, kept):
            buffer[:, :, :length].copy_(first)
            buffer[:, :, length:].copy_(last)
        return self.pair


@dataclass(eq=False)
class ConditionCache:
    """The condition K and V [B,heads,conditions,D] of every layer, of one conditioning in a run.

    computed_at: the state they are of (a step, or what else they depend on), None before they are
    all there. The buffers are made once and written in place; attention does not mind the order of
    its keys, so the conditions may stand behind text and target.
    """

    conditions: int
    layers: dict[Layer, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)
    computed_at: object = None

    def keep(
        self, layer: Layer, k: torch.Tensor, v: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Keep the last `conditions` tokens of K and V [B,heads,N,D], and return what is kept."""
        last = tuple(whole[:, :, -self.conditions :] for whole in (k, v))
        if layer not in self.layers:
            self.layers[layer] = tuple(
                torch.empty(part.shape, dtype=part.dtype, device=part.device) for part in last
            )
        for buffer, part in zip(self.layers[layer], last):
            buffer.copy_(part)
        return self.layers[layer]


def cache_bytes(
    batch: int, conditions: int, front: int, hidden: int, layers: int, element: int
) -> int:
    """Return the bytes of one cache and the workspace.

    batch: pictures; conditions, front: tokens; hidden: width; element: bytes of a number.
    """
    kept = layers * conditions
    return 2 * batch * hidden * element * (kept + conditions + front)
