"""Condition reuse on a MODEL: keys and values of the conditions, kept between a run's steps.

No block is replaced. A full step runs as ever, and the attention override keeps the conditions'
K and V; a reuse step drops the condition tokens after `post_input`, and the override puts the
kept K and V back. So whatever is on the blocks (LoRA, fp8, ControlNet) works as before. All that
is kept belongs to one run and is let go when it ends, is cancelled or fails.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import comfy.model_management as management
from comfy.patcher_extension import WrappersMP, add_wrapper_with_key

from ...any2any_core.condition_cache import ConditionCache, Workspace
from ...any2any_core.layout import Layout
from ...any2any_core.reuse import EVERY_STEP, ReusePlan, step_at
from .calls import Call
from .last_block import LastBlock
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
            cfg = getattr(guider, "cfg", None)
            wrappers[WrappersMP.PREPARE_SAMPLING] = reserved(cfg, reusable, self.plan.depth)
        for kind, wrapper in wrappers.items():
            add_wrapper_with_key(kind, KEY, wrapper, guider.model_options, is_model_options=True)
        try:
            return executor(noise, latent_image, sampler, sigmas, *args, **kwargs)
        finally:
            run.release()


def reusable(layout: Layout) -> bool:
    """Return whether the conditions' K and V can be kept; isolated ones are, without this node."""
    return layout.clean and not layout.isolated


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
        if call.layout is None or not call.layout.clean:
            return executor(*args, **kwargs)
        self.last_block = self.last_block or LastBlock(call.flux)
        if call.layout.isolated:  # its conditions are kept already
            return call.run(self.with_last_block(call, call.options))
        cache = self.cache_for(call)
        if cache is None:
            return call.run(self.with_last_block(call, call.options))
        step = step_at(call.sigma, self.sigmas)
        if not self.plan.is_due(step, cache.computed_at, self.sigmas):
            patches = ReuseCall(cache, self.workspace, call.target, call.sigma)
            return call.run(self.with_last_block(call, patches.added_to(call.options)))
        patches = FullCall(cache, call.target)
        result = call.run(self.with_last_block(call, patches.added_to(call.options)))
        if len(patches.kept) == call.layers:
            cache.completed(step, call.sigma)
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
        depth, needed, free = self.depth_that_fits(call)
        if depth == 0:
            return self.refuse(
                f"it takes {needed / 2**30:.2f} GB and {free / 2**30:.2f} GB are free; a smaller "
                "target needs less"
            )
        return self.caches.setdefault(call.key, ConditionCache(call.conditions, depth))

    def depth_that_fits(self, call: Call) -> tuple[int, int, int]:
        """Return how many full steps there is memory for, and the bytes of one and free ones."""
        free = management.get_free_memory(call.x.device)
        for depth in range(self.plan.depth, 0, -1):
            needed = flux_cache_bytes(
                call.flux,
                len(call.x),
                call.conditions,
                call.texts + call.target,
                call.x.element_size(),
                depth,
            )
            if needed <= free:
                return depth, needed, free
            if depth > 1:
                logging.info(
                    "Any2Any condition reuse holds K and V instead of following them: %.2f GB "
                    "would be needed and %.2f GB are free.",
                    needed / 2**30,
                    free / 2**30,
                )
        return 0, needed, free
