"""Condition reuse on a MODEL: keys and values of the conditions, kept between a run's steps.

No block is replaced. A full step runs as ever, and the attention override keeps the conditions'
K and V; a reuse step drops the condition tokens after `post_input`, and the override puts the
kept K and V back. So whatever is on the blocks (LoRA, fp8, ControlNet) works as before. All that
is kept belongs to one run and is let go when it ends, is cancelled or fails.
"""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass

import comfy.model_management as management
from comfy.patcher_extension import WrappersMP, add_wrapper_with_key

from ...any2any_core.condition_cache import ConditionCache, Workspace
from ...any2any_core.layout import is_layout, parse_layout
from ...any2any_core.reuse import EVERY_STEP, ReusePlan, step_at
from .last_block import LastBlock
from .positions import token_grid
from .reuse_calls import FullCall, ReuseCall
from .reuse_memory import flux_cache_bytes, reserved

KEY = "any2any_condition_reuse"


def with_condition_reuse(model, plan: ReusePlan):
    """Return a clone of the MODEL that reuses condition K and V by the plan, run by run."""
    clone = model.clone()
    clone.remove_wrappers_with_key(WrappersMP.OUTER_SAMPLE, KEY)
    clone.add_wrapper_with_key(WrappersMP.OUTER_SAMPLE, KEY, ReusingRun(plan))
    return clone


def reuse_plan(model) -> ReusePlan:
    """Return which steps of the MODEL's runs are full ones: all, if nothing is reused."""
    wrappers = model.get_wrappers(WrappersMP.OUTER_SAMPLE, KEY)
    return wrappers[0].plan if wrappers else EVERY_STEP


@dataclass(frozen=True)
class ReusingRun:
    """An OUTER_SAMPLE wrapper: a run with caches of its own."""

    plan: ReusePlan

    def __call__(self, executor, noise, latent_image, sampler, sigmas, *args, **kwargs):
        guider = executor.class_obj
        run = Run(self.plan, sigmas.tolist())
        wrappers = {WrappersMP.DIFFUSION_MODEL: run.diffusion_model_wrapper}
        if self.plan.reuses:
            wrappers[WrappersMP.PREPARE_SAMPLING] = reserved(getattr(guider, "cfg", None))
        for kind, wrapper in wrappers.items():
            add_wrapper_with_key(kind, KEY, wrapper, guider.model_options, is_model_options=True)
        try:
            return executor(noise, latent_image, sampler, sigmas, *args, **kwargs)
        finally:
            run.release()


class Call:
    """One call of the diffusion model: its arguments, and its tokens by kind."""

    def __init__(self, executor, args, kwargs):
        self.executor = executor
        self.bound = inspect.signature(executor.original).bind(*args, **kwargs)
        self.extra = self.bound.arguments.get("kwargs", {})
        self.flux, self.x = executor.class_obj, self.bound.arguments["x"]
        self.latents = self.bound.arguments.get("ref_latents") or []
        self.options = self.bound.arguments.get("transformer_options") or {}
        self.layout = self.extra.get("ref_latents_method")
        self.texts = self.bound.arguments["context"].shape[1]
        self.sigma = float(self.options.get("sigmas", self.bound.arguments["timestep"]).max())

    @property
    def is_ours(self) -> bool:
        return bool(self.latents) and is_layout(self.layout) and parse_layout(self.layout).clean

    @property
    def target(self) -> int:
        return token_grid(self.x, self.flux.patch_size).tokens

    @property
    def conditions(self) -> int:
        return sum(token_grid(latent, self.flux.patch_size).tokens for latent in self.latents)

    @property
    def key(self) -> tuple:
        """What a cache is for: these conditionings, in this order, at these sizes."""
        shapes = [latent.shape for latent in (self.x, *self.latents)]
        return (*self.options.get("uuids", ()), *shapes, self.layout)

    def run(self, options: dict):
        self.bound.arguments["transformer_options"] = options
        return self.executor(*self.bound.args, **self.bound.kwargs)


class Run:
    """One sampling run: its schedule, and a cache for each conditioning in it."""

    def __init__(self, plan: ReusePlan, sigmas: list[float]):
        self.plan, self.sigmas = plan, sigmas
        self.caches: dict[tuple, ConditionCache] = {}
        self.workspace = Workspace()
        self.last_block: LastBlock | None = None
        self.refused = not plan.reuses

    def release(self) -> None:
        self.caches.clear()
        self.workspace.pair = None

    def refuse(self, reason: str) -> None:
        """Go on without reuse, and say why."""
        logging.warning("Any2Any condition reuse is off for this run: %s.", reason)
        self.refused = True
        self.release()

    def diffusion_model_wrapper(self, executor, *args, **kwargs):
        """Run the diffusion model, every token or with the kept conditions."""
        call = Call(executor, args, kwargs)
        if not call.is_ours:
            return executor(*args, **kwargs)
        self.last_block = self.last_block or LastBlock(call.flux)
        cache = self.cache_for(call)
        if cache is None:
            return call.run(self.with_last_block(call, call.options))
        step = step_at(call.sigma, self.sigmas)
        due = cache.step != step and self.plan.is_full(step, len(self.sigmas) - 1, call.sigma)
        if cache.step is not None and not due:
            patches = ReuseCall(cache, self.workspace, call.target)
            return call.run(self.with_last_block(call, patches.added_to(call.options)))
        patches = FullCall(cache, call.target)
        result = call.run(self.with_last_block(call, patches.added_to(call.options)))
        if patches.kept_all(call.flux):
            cache.step = step
        else:
            self.refuse("another node adds tokens, or this ComfyUI hides the attention")
        return result

    def with_last_block(self, call: Call, options: dict) -> dict:
        return self.last_block.added_to(options, call.texts, call.target)

    def cache_for(self, call: Call) -> ConditionCache | None:
        """Return the call's cache, a new one at its first step, or None without reuse."""
        if self.refused or call.key in self.caches:
            return self.caches.get(call.key)
        if call.extra.get("attention_mask") is not None:
            return self.refuse("the conditioning has an attention mask")
        needed = flux_cache_bytes(
            call.flux,
            len(call.x),
            call.conditions,
            call.texts + call.target,
            call.x.element_size(),
        )
        free = management.get_free_memory(call.x.device)
        if needed > free:
            return self.refuse(
                f"it takes {needed / 2**30:.2f} GB and {free / 2**30:.2f} GB are free; a smaller "
                "target needs less"
            )
        return self.caches.setdefault(call.key, ConditionCache(call.conditions))
