"""The memory of condition caches, in ComfyUI's own estimate."""

from __future__ import annotations

import math
from collections.abc import Callable

import comfy.model_management as management
import torch

from ...any2any_core.condition_cache import cache_bytes
from ...any2any_core.cost import StepCost
from ...any2any_core.layout import Layout, is_layout, parse_layout


def flux_cache_bytes(flux, batch: int, conditions: int, front: int, element: int) -> int:
    """Return the bytes of one cache for this transformer; tokens, and bytes of a number."""
    layers = len(flux.double_blocks) + len(flux.single_blocks)
    return cache_bytes(batch, conditions, front, flux.hidden_size, layers, element)


def number_bytes(model) -> int:
    """Return the bytes of a number that the MODEL computes with."""
    return management.dtype_size(model.model.manual_cast_dtype or model.model.get_dtype())


def kept_bytes(model, cost: StepCost) -> int:
    """Return the bytes that are kept of one conditioning between steps."""
    front = cost.text + cost.target
    return flux_cache_bytes(
        model.model.diffusion_model, cost.pictures, cost.conditions, front, number_bytes(model)
    )


def reserved(cfg: float | None, kept: Callable[[Layout], bool]):
    """Return a PREPARE_SAMPLING wrapper that has ComfyUI count the caches in its estimate.

    kept: whether conditions of such a layout have a cache.

    ComfyUI counts reference latents by their area: the caches go in as one more of as many bytes,
    which has no memory of its own and is gone before the first step.
    """

    def prepare_sampling_wrapper(executor, model, noise_shape, conds, *args, **kwargs):
        used = ("positive",) if cfg == 1.0 else tuple(conds)
        counted = {
            name: [
                with_cache_counted(model, noise_shape, cond)
                if name in used and has_conditions(cond, kept)
                else cond
                for cond in entries
            ]
            for name, entries in conds.items()
        }
        real_model, _, models = executor(model, noise_shape, counted, *args, **kwargs)
        return real_model, conds, models

    return prepare_sampling_wrapper


def has_conditions(cond: dict, kept: Callable[[Layout], bool]) -> bool:
    """Return whether a cond has conditions of ours, of a layout for which `kept` holds."""
    method = cond.get("reference_latents_method")
    return bool(cond.get("reference_latents")) and is_layout(method) and kept(parse_layout(method))


def with_cache_counted(model, noise_shape, cond: dict) -> dict:
    """Return the cond with a weightless latent as large as its cache."""
    latents = cond["reference_latents"]
    flux = model.model.diffusion_model
    tokens = [latent.shape[-2] * latent.shape[-1] // 4 for latent in latents]
    front = noise_shape[-2] * noise_shape[-1] // 4 + cond["cross_attn"].shape[1]
    needed = flux_cache_bytes(flux, noise_shape[0], sum(tokens), front, number_bytes(model))
    probe = 2**20
    a_cell = model.model.memory_required(
        [1, 16, 1, 1], cond_shapes={"ref_latents": [[1, 16, probe]]}
    ) / (probe + 1)
    cells = math.ceil(needed / a_cell)
    return {**cond, "reference_latents": [*latents, torch.empty(1, 16, 1, cells, device="meta")]}
