"""One call of the diffusion model, as a DIFFUSION_MODEL wrapper sees it."""

from __future__ import annotations

import inspect

import torch

from ...any2any_core.layout import Layout, is_layout, parse_layout
from ...any2any_core.positions import Grid


class Call:
    """One call of the diffusion model: its arguments, and its tokens by kind.

    layout: the one that the conditioning carries, None if it is not ours or has no conditions.
    """

    def __init__(self, executor, args, kwargs):
        self.executor = executor
        self.bound = inspect.signature(executor.original).bind(*args, **kwargs)
        self.extra = self.bound.arguments.get("kwargs", {})
        self.flux, self.x = executor.class_obj, self.bound.arguments["x"]
        self.latents = self.bound.arguments.get("ref_latents") or []
        self.options = self.bound.arguments.get("transformer_options") or {}
        self.texts = self.bound.arguments["context"].shape[1]
        method = self.extra.get("ref_latents_method")
        ours = self.latents and is_layout(method)
        self.layout: Layout | None = parse_layout(method) if ours else None

    @property
    def sigma(self) -> float:
        return float(self.options.get("sigmas", self.bound.arguments["timestep"]).max())

    @property
    def grids(self) -> list[Grid]:
        """Target and conditions, in tokens."""
        return [token_grid(latent, self.flux.patch_size) for latent in (self.x, *self.latents)]

    @property
    def target(self) -> int:
        return self.grids[0].tokens

    @property
    def conditions(self) -> int:
        return sum(grid.tokens for grid in self.grids[1:])

    @property
    def layers(self) -> int:
        return len(self.flux.double_blocks) + len(self.flux.single_blocks)

    @property
    def key(self) -> tuple:
        """What a cache is for: these conditionings, in this order, at these sizes."""
        shapes = [latent.shape for latent in (self.x, *self.latents)]
        return (*self.options.get("uuids", ()), *shapes, str(self.layout))

    def run(self, options: dict):
        """Go on to the next wrapper with other transformer options."""
        self.bound.arguments["transformer_options"] = options
        return self.executor(*self.bound.args, **self.bound.kwargs)

    def run_apart(self, **changed):
        """Run the diffusion model itself with other arguments; no further wrapper sees it."""
        arguments = {**self.bound.arguments, **changed}
        bound = inspect.BoundArguments(self.bound.signature, arguments)
        return self.executor.original(*bound.args, **bound.kwargs)


def token_grid(latent: torch.Tensor, patch_size: int) -> Grid:
    """Return the tokens of a latent [B,C,h,w]; Flux pads odd sides up to a whole patch."""
    return Grid(-(-latent.shape[-2] // patch_size), -(-latent.shape[-1] // patch_size))
