"""What a run costs, told on the sampler's node: arithmetic before the first step, then time.

Works with every sampler, because it rides on the MODEL. How fast the device was is remembered for
the next preview, as long as ComfyUI runs; nothing is written to disk.
"""

from __future__ import annotations

import inspect
import time

import comfy.model_management as management
import torch
from comfy.patcher_extension import WrappersMP, add_wrapper_with_key

from ...any2any_core.cost import FluxSize, StepCost, announced, estimated, settled
from ...any2any_core.layout import Layout, is_layout, parse_layout
from ...any2any_core.reuse import EVERY_STEP
from .calls import token_grid
from .progress_text import show_text
from .reuse import reuse_plan

KEY = "any2any_cost"

RATES: dict[tuple, float] = {}
"""FLOPs a second by what made them: device, dtype and transformer."""


def with_cost_told(model):
    """Return a clone of the MODEL whose runs say what they cost."""
    clone = model.clone()
    clone.remove_wrappers_with_key(WrappersMP.SAMPLER_SAMPLE, KEY)
    clone.add_wrapper_with_key(WrappersMP.SAMPLER_SAMPLE, KEY, sampler_wrapper)
    return clone


def flux_size(flux) -> FluxSize:
    return FluxSize(flux.hidden_size, len(flux.double_blocks) + len(flux.single_blocks))


def step_cost(
    flux, shape, text: int, latents: list[torch.Tensor], isolated: bool = False
) -> StepCost:
    """Return the cost of a step for a target latent's shape [B,16,h,w] and condition latents."""
    target, *conditions = (
        token_grid(latent, flux.patch_size).tokens
        for latent in (torch.empty(shape, device="meta"), *latents)
    )
    return StepCost(flux_size(flux), text, target, sum(conditions), shape[0], isolated)


def rate_key(model) -> tuple:
    """Return what a MODEL's speed depends on, beside the tokens."""
    device = management.get_torch_device_name(model.load_device)
    return device, model.model.get_dtype(), flux_size(model.model.diffusion_model)


def known_rate(model) -> float | None:
    """Return the FLOPs a second of the last run of such a model on its device."""
    return RATES.get(rate_key(model))


def sampler_wrapper(executor, guider, sigmas, extra_args, callback, noise, *args, **kwargs):
    """Run a sampler, and say what it costs if its conditionings are ours."""
    conds = packed_conds(guider)
    if not conds or len(sigmas) < 2:
        return executor(guider, sigmas, extra_args, callback, noise, *args, **kwargs)
    model, schedule = guider.model_patcher, sigmas.tolist()
    flux = model.model.diffusion_model
    costs = [
        step_cost(
            flux,
            noise.shape,
            cond["cross_attn"].shape[1],
            cond["reference_latents"],
            layout.isolated,
        )
        for cond, layout in conds
    ]
    plan = reuse_plan(model) if all(layout.clean for _, layout in conds) else EVERY_STEP
    show_text(announced(costs, schedule, plan))
    steps = [sum(step) for step in zip(*(cost.steps(schedule, plan) for cost in costs))]
    meter = Meter(flux_size(flux))
    add_wrapper_with_key(
        WrappersMP.DIFFUSION_MODEL,
        KEY,
        meter.diffusion_model_wrapper,
        extra_args["model_options"],
        is_model_options=True,
    )

    def after_step(step, denoised, *rest):
        if step == 0:
            meter.note(denoised)
            show_text(estimated(meter.seconds, steps))
        if callback is not None:
            callback(step, denoised, *rest)

    result = executor(guider, sigmas, extra_args, after_step, noise, *args, **kwargs)
    meter.note(result)
    if meter.rate:
        RATES[rate_key(model)] = meter.rate
        show_text(settled(len(steps), meter.seconds, meter.rate))
    return result


def packed_conds(guider) -> list[tuple[dict, Layout]]:
    """Return every conditioning of ours that the run computes, with its layout."""
    conds = getattr(guider, "conds", None) or {}
    used = ("positive",) if getattr(guider, "cfg", None) == 1.0 else tuple(conds)
    return [
        (cond, parse_layout(cond["reference_latents_method"]))
        for name in used
        for cond in conds.get(name, ())
        if is_layout(cond.get("reference_latents_method"))
    ]


class Meter:
    """A run's seconds, and the FLOPs of the calls that were really made.

    Calls that a cache skips never come here, and tokens that were dropped are not counted.
    """

    def __init__(self, size: FluxSize):
        self.size = size
        self.flops = 0.0
        self.begun: float | None = None
        self.notes: list[tuple[float, float]] = []

    def diffusion_model_wrapper(self, executor, *args, **kwargs):
        """Run the diffusion model, and count."""
        self.begun = self.begun or time.perf_counter()
        call = inspect.signature(executor.original).bind(*args, **kwargs)
        latents = (call.arguments["x"], *(call.arguments.get("ref_latents") or []))
        patch_size = executor.class_obj.patch_size
        images = sum(token_grid(latent, patch_size).tokens for latent in latents)

        def counted(tokens: dict) -> dict:
            (batch, img), txt = tokens["img"].shape[:2], tokens["txt"].shape[1]
            self.flops += batch * self.size.flops(txt + img, txt + max(img, images))
            return tokens

        options = call.arguments.get("transformer_options") or {}
        patches = dict(options.get("patches", {}))
        patches["post_input"] = [*patches.get("post_input", []), counted]
        call.arguments["transformer_options"] = {**options, "patches": patches}
        return executor(*call.args, **call.kwargs)

    def note(self, computed: torch.Tensor) -> None:
        """Note seconds and FLOPs up to here; waits until the device is through."""
        computed.flatten()[:1].cpu()
        now = time.perf_counter()
        self.notes.append((now - (self.begun or now), self.flops))

    @property
    def seconds(self) -> float:
        return self.notes[-1][0]

    @property
    def rate(self) -> float:
        """FLOPs a second, without the first step if there are more: it also warms up."""
        (seconds, flops), first = self.notes[-1], self.notes[0]
        if flops > first[1]:
            seconds, flops = seconds - first[0], flops - first[1]
        return flops / seconds if seconds > 0 else 0.0
