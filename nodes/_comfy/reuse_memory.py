"""The memory of condition caches, in ComfyUI's own estimate."""

from __future__ import annotations

import math
from collections.abc import Callable

import comfy.model_management as management
import torch

from ...any2any_core.condition_cache import cache_bytes
from ...any2any_core.cost import StepCost
from ...any2any_core.layout import Layout, is_layout, parse_layout


def flux_cache_bytes(
    flux, batch: int, conditions: int, front: int, element: int, depth: int
) -> int:
    """Return the bytes of one cache for this transformer: tokens, bytes of a number, full steps."""
    layers = len(flux.double_blocks) + len(flux.single_blocks)
    return cache_bytes(batch, conditions, front, flux.hidden_size, layers, element, depth)


def number_bytes(model) -> int:
    """Return the bytes of a number that the MODEL computes with."""
    return management.dtype_size(model.model.manual_cast_dtype or model.model.get_dtype())


def kept_bytes(model, cost: StepCost, depth: int) -> int:
    """Return the bytes that are kept of one conditioning between steps; depth: of so many."""
    return flux_cache_bytes(
        model.model.diffusion_model,
        cost.pictures,
        cost.conditions,
        cost.text + cost.target,
        number_bytes(model),
        depth,
    )


def reserved(cfg: float | None, kept: Callable[[Layout], bool], depth: int = 1):
    """Return a PREPARE_SAMPLING wrapper that has ComfyUI count the caches in its estimate.

    kept: whether conditions of such a layout have a cache; depth: how many full steps are in it.

    ComfyUI counts reference latents by their area: the caches go in as one more of as many bytes,
    which has no memory of its own and is gone before the first step.
    """

    def prepare_sampling_wrapper(executor, model, noise_shape, conds, *args, **kwargs):
        used = ("positive",) if cfg == 1.0 else tuple(conds)
        counted = {
            name: [
                with_cache_counted(model, noise_shape, cond, depth)
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


def with_cache_counted(model, noise_shape, cond: dict, depth: int) -> dict:
    """Return the cond with a weightless latent as large as its cache."""
    latents = cond["reference_latents"]
    flux = model.model.diffusion_model
    tokens = [latent.shape[-2] * latent.shape[-1] // 4 for latent in latents]
    front = noise_shape[-2] * noise_shape[-1] // 4 + cond["cross_attn"].shape[1]
    needed = flux_cache_bytes(flux, noise_shape[0], sum(tokens), front, number_bytes(model), depth)
    probe = 2**20
    a_cell = model.model.memory_required(
        [1, 16, 1, 1], cond_shapes={"ref_latents": [[1, 16, probe]]}
    ) / (probe + 1)
    cells = math.ceil(needed / a_cell)
    return {**cond, "reference_latents": [*latents, torch.empty(1, 16, 1, cells, device="meta")]}
