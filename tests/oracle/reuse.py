"""Condition reuse on diffusers' transformer: every token computed, old condition K and V seen.

Whoever drops the condition tokens on a reuse step must get what is got here by computing them and
swapping their keys and values, layer by layer, for those of the last full step, or for the point
that the line through the last two full steps has at this step's sigma.
"""

from __future__ import annotations

from unittest import mock

import torch
import torch.nn.functional as F

attention = F.scaled_dot_product_attention


class ReusingTransformer:
    """diffusers' transformer, called with sigmas of which those in `full` compute anew."""

    def __init__(self, transformer, conditions: int, full: list[float], follow: bool = True):
        self.transformer, self.conditions, self.full = transformer, conditions, full
        self.follow = follow
        self.kept: dict[float, list[tuple[float, list]]] = {}

    def __getattr__(self, name: str):
        return getattr(self.transformer, name)

    def __call__(self, **inputs):
        text = inputs["encoder_hidden_states"].sum().item()  # each conditioning has its own
        sigma = inputs["timestep"][0].item()
        if any(abs(sigma - one) < 1e-6 for one in self.full):
            layers: list[tuple[torch.Tensor, torch.Tensor]] = []
            self.kept.setdefault(text, []).append((sigma, layers))

            def swapped(k, v):
                layers.append((k[:, :, -self.conditions :], v[:, :, -self.conditions :]))
                return k, v
        else:
            layers = iter(self.line(self.kept[text], sigma))

            def swapped(k, v):
                pairs = zip((k, v), next(layers), strict=True)
                return (torch.cat((new[:, :, : -self.conditions], old), 2) for new, old in pairs)

        def keeping(query, key, value, *args, **kwargs):
            return attention(query, *swapped(key, value), *args, **kwargs)

        with mock.patch.object(F, "scaled_dot_product_attention", keeping):
            return self.transformer(**inputs)

    def line(self, kept: list[tuple[float, list]], sigma: float) -> list:
        """Return each layer's K and V at `sigma`."""
        last, layers = kept[-1]
        if len(kept) < 2 or not self.follow:
            return layers
        first, before = kept[-2]
        share = (sigma - last) / (last - first)
        return [
            tuple(new + share * (new - old) for new, old in zip(*pairs))
            for pairs in zip(layers, before)
        ]
