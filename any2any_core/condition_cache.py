"""Keys and values of the condition tokens, kept from one step to the next.

They drift, and nearly along a straight line in sigma: what the last two full steps left is carried
on along it. With one full step, or where the memory for two is not there, the last one is held.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

Layer = tuple[str, int]
"""A block's kind, `double` or `single`, and its number."""
Pair = tuple[torch.Tensor, torch.Tensor]
"""K and V [B,heads,tokens,D]."""

REACH = 2.0
"""How far a line is followed, in distances between its two full steps."""


@dataclass(eq=False)
class ConditionCache:
    """The condition K and V of every layer, of one conditioning in a run.

    depth: how many full steps are kept, 1 or 2. computed_at: the state the newest are of (a step,
    or what else they depend on), None before they are all there; sigmas: of what is kept, the
    newest first. Buffers are made once and written in place.
    """

    conditions: int
    depth: int = 1
    layers: dict[Layer, list[Pair]] = field(default_factory=dict)
    computed_at: object = None
    sigmas: list[float] = field(default_factory=list)

    def keep(self, layer: Layer, k: torch.Tensor, v: torch.Tensor) -> Pair:
        """Keep the last `conditions` tokens of K and V [B,heads,N,D], and return what is kept."""
        parts = tuple(whole[:, :, -self.conditions :] for whole in (k, v))
        kept = self.layers.setdefault(layer, [])
        if len(kept) < self.depth:
            buffers = tuple(torch.empty(p.shape, dtype=p.dtype, device=p.device) for p in parts)
        else:
            buffers = kept.pop()
        for buffer, part in zip(buffers, parts):
            buffer.copy_(part)
        kept.insert(0, buffers)
        return buffers

    def completed(self, step: int, sigma: float) -> None:
        """Note that every layer's newest is of this step."""
        self.computed_at = step
        self.sigmas = [sigma, *self.sigmas][: self.depth]

    def weight(self, sigma: float) -> float:
        """Return how much of the newest there is at `sigma`; the older has the rest, to 1.

        On a line through both that is (sigma - older) / (newest - older), up to 1 + REACH.
        """
        if len(self.sigmas) < 2 or self.sigmas[0] == self.sigmas[1]:
            return 1.0
        newest, older = self.sigmas
        return min(max((sigma - older) / (newest - older), 0.0), 1.0 + REACH)

    def write(self, layer: Layer, sigma: float, into: Pair) -> None:
        """Write the layer's K and V at `sigma` into [B,heads,conditions,D]."""
        weight = self.weight(sigma)
        newest, *older = self.layers[layer]
        for i, target in enumerate(into):
            if weight == 1.0:
                target.copy_(newest[i])
            else:
                torch.lerp(older[0][i], newest[i], weight, out=target)


class Workspace:
    """One layer's whole K and V, written in place and used by every layer in turn."""

    def __init__(self) -> None:
        self.pair: Pair | None = None

    def joined(self, front: Pair, cache: ConditionCache, layer: Layer, sigma: float) -> Pair:
        """Return K and V [B,heads,N,D]: the front's tokens, then the conditions' at `sigma`.

        Attention does not mind the order of its keys, so the conditions may stand behind.
        """
        batch, heads, length, width = front[0].shape
        whole = (batch, heads, length + cache.conditions, width)
        if self.pair is None or self.pair[0].shape != whole:
            self.pair = tuple(torch.empty(whole, dtype=k.dtype, device=k.device) for k in front)
        for buffer, tokens in zip(self.pair, front):
            buffer[:, :, :length].copy_(tokens)
        cache.write(layer, sigma, tuple(buffer[:, :, length:] for buffer in self.pair))
        return self.pair


def cache_bytes(
    batch: int, conditions: int, front: int, hidden: int, layers: int, element: int, depth: int = 1
) -> int:
    """Return the bytes of one cache and the workspace.

    batch: pictures; conditions, front: tokens; hidden: width; element: bytes of a number;
    depth: full steps kept.
    """
    kept = depth * layers * conditions
    return 2 * batch * hidden * element * (kept + conditions + front)
