"""One call of the diffusion model that keeps the conditions' K and V, or that reuses them."""

from __future__ import annotations

import torch

from ...any2any_core.condition_cache import ConditionCache, Layer, Workspace

OVERRIDE = "optimized_attention_override"


class FullCall:
    """A call that computes every token and keeps the conditions' K and V."""

    def __init__(self, cache: ConditionCache, target: int):
        self.cache, self.target = cache, target
        self.length = None
        self.kept: set[Layer] = set()

    def added_to(self, options: dict) -> dict:
        return with_patches(options, self.noted, self.attention)

    def noted(self, tokens: dict) -> dict:
        """Note how long the sequence is, if it is made of what we know."""
        if tokens["img"].shape[1] == self.target + self.cache.conditions:
            self.length = tokens["txt"].shape[1] + tokens["img"].shape[1]
        return tokens

    def attention(self, attend, q, k, v, *args, **kwargs):
        if k.ndim == 4 and k.shape[2] == self.length:
            layer = layer_of(kwargs)
            self.cache.keep(layer, k, v)
            self.kept.add(layer)
        return attend(q, k, v, *args, **kwargs)


class ConditionPass:
    """A call that computes the condition tokens alone and keeps their K and V.

    They attend to themselves: whatever stands before them, as text always does, is left out.
    """

    def __init__(self, cache: ConditionCache):
        self.cache = cache
        self.kept: set[Layer] = set()

    def added_to(self, options: dict) -> dict:
        return with_patches(options, None, self.attention)

    def attention(self, attend, q, k, v, *args, **kwargs):
        layer = layer_of(kwargs)
        self.kept.add(layer)
        return attend(q, *self.cache.keep(layer, k, v), *args, **kwargs)


class ReuseCall:
    """A call that computes text and target, and attends to the kept conditions too."""

    def __init__(self, cache: ConditionCache, workspace: Workspace, target: int, sigma: float):
        self.cache, self.workspace = cache, workspace
        self.target, self.sigma = target, sigma
        self.length = None
        self.joined: set[Layer] = set()

    def added_to(self, options: dict) -> dict:
        return with_patches(options, self.cut, self.attention)

    def cut(self, tokens: dict) -> dict:
        """Drop the condition tokens; they stand between the target's and other nodes'."""
        behind = self.target + self.cache.conditions
        img, img_ids = (
            torch.cat((tokens[name][:, : self.target], tokens[name][:, behind:]), dim=1)
            for name in ("img", "img_ids")
        )
        self.length = tokens["txt"].shape[1] + img.shape[1]
        return {**tokens, "img": img, "img_ids": img_ids}

    def attention(self, attend, q, k, v, *args, **kwargs):
        if k.ndim == 4 and k.shape[2] == self.length:
            layer = layer_of(kwargs)
            self.joined.add(layer)
            k, v = self.workspace.joined((k, v), self.cache, layer, self.sigma)
        return attend(q, k, v, *args, **kwargs)


def layer_of(attention_arguments: dict) -> Layer:
    options = attention_arguments["transformer_options"]
    return options["block_type"], options["block_index"]


def with_patches(options: dict, post_input, attention) -> dict:
    """Return a copy of the options with our patch behind all others and our attention override.

    An override that is there already (another attention kernel) is handed our tokens.
    """
    existing = options.get(OVERRIDE)

    def override(attend, *args, **kwargs):
        if existing is None:
            return attention(attend, *args, **kwargs)
        return attention(lambda *a, **k: existing(attend, *a, **k), *args, **kwargs)

    patches = dict(options.get("patches", {}))
    if post_input is not None:
        patches["post_input"] = [*patches.get("post_input", []), post_input]
    return {**options, "patches": patches, OVERRIDE: override}
