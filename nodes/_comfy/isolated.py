"""The layout `isolated` on a MODEL: its conditions are computed once a run, and nothing is lost.

One pass runs over the condition tokens alone, at timestep 0, and the attention override keeps
every layer's K and V. Every step then drops the condition tokens and is handed what was kept, as
in condition reuse. So neither a mask nor a modulation of each token's own is needed. What is kept
belongs to one run and is let go when it ends, is cancelled or fails.
"""

from __future__ import annotations

import logging

import torch
from comfy.patcher_extension import WrappersMP, add_wrapper_with_key

from ...any2any_core.condition_cache import ConditionCache, Workspace
from ...any2any_core.positions import image_ids
from .calls import Call
from .positions import PositionPatches
from .reuse_calls import ConditionPass, ReuseCall
from .reuse_memory import reserved

KEY = "any2any_isolated"


def with_isolated_conditions(model):
    """Return a clone of the MODEL that computes the conditions of such conditionings once a run."""
    clone = model.clone()
    wrappers = {
        WrappersMP.OUTER_SAMPLE: run_wrapper,
        WrappersMP.DIFFUSION_MODEL: isolated_wrapper,
    }
    for kind, wrapper in wrappers.items():
        clone.remove_wrappers_with_key(kind, KEY)
        clone.add_wrapper_with_key(kind, KEY, wrapper)
    return clone


def run_wrapper(executor, *args, **kwargs):
    """Run a sampling run that keeps its conditions."""
    guider = executor.class_obj
    run = Run(guider.model_patcher)
    options = guider.model_options  # the run's own copy
    options["transformer_options"] = {**options.get("transformer_options", {}), KEY: run}
    prepare = reserved(getattr(guider, "cfg", None), lambda layout: layout.isolated)
    add_wrapper_with_key(WrappersMP.PREPARE_SAMPLING, KEY, prepare, options, is_model_options=True)
    try:
        return executor(*args, **kwargs)
    finally:
        run.release()


def isolated_wrapper(executor, *args, **kwargs):
    """Run the diffusion model for text and target, beside the conditions' kept K and V."""
    call = Call(executor, args, kwargs)
    if call.layout is None or not call.layout.isolated:
        return executor(*args, **kwargs)
    if call.extra.get("attention_mask") is not None:
        raise ValueError(
            "The conditioning has an attention mask (of a style model), but none was expected "
            "with the layout 'isolated': take the style model out of the prompt's path."
        )
    run = call.options.get(KEY) or Run()  # without a run nothing outlives the call
    patches = ReuseCall(run.conditions_of(call), run.workspace, call.target, call.sigma)
    result = call.run(patches.added_to(call.options))
    run.check(call, patches)
    return result


class Run:
    """One sampling run, and the conditions of each conditioning in it."""

    def __init__(self, patcher=None):
        self.patcher = patcher
        self.caches: dict[tuple, ConditionCache] = {}
        self.workspace = Workspace()
        self.warned = False

    def release(self) -> None:
        self.caches.clear()
        self.workspace.pair = None

    def conditions_of(self, call: Call) -> ConditionCache:
        """Return the call's conditions, computed if what they depend on is new."""
        cache = self.caches.setdefault(call.key, ConditionCache(call.conditions))
        state = self.guidance_of(call), self.hook_strengths()
        if cache.computed_at != state:
            compute_conditions(call, cache)
            cache.computed_at = state
        return cache

    @staticmethod
    def guidance_of(call: Call) -> tuple[float, ...]:
        guidance = call.bound.arguments.get("guidance")
        return () if guidance is None else tuple(guidance.flatten().tolist())

    def hook_strengths(self) -> tuple[float, ...]:
        """Return how strong the conditioning's LoRAs are; a schedule may change it in the run."""
        hooks = getattr(self.patcher, "current_hooks", None)
        return tuple(hook.strength for hook in hooks.hooks) if hooks else ()

    def check(self, call: Call, patches: ReuseCall) -> None:
        """Say once where blocks of another make do not see the conditions."""
        unseen = call.layers - len(patches.joined)
        if unseen and patches.joined and not self.warned:
            self.warned = True
            logging.warning(
                "In %d of %d blocks the picture does not see its conditions: another node "
                "replaces their attention.",
                unseen,
                call.layers,
            )


def compute_conditions(call: Call, cache: ConditionCache) -> None:
    """Run the model over the condition tokens alone, and keep every layer's K and V.

    They see neither text nor target, and no other node's patches: those are for the picture.

    Raises:
        ValueError: the attention of some blocks cannot be seen.
    """
    ids, _ = image_ids(call.layout, call.grids[0], call.grids[1:])
    positions = PositionPatches(call.flux, ids[call.target :].to(call.x.device), None)
    keeping = ConditionPass(cache)
    bare = {**call.options, "patches": {}, "patches_replace": {}}
    first, *others = call.latents
    arguments = call.bound.arguments
    call.run_apart(
        x=first,
        ref_latents=others or None,
        timestep=torch.zeros_like(arguments["timestep"]),
        context=arguments["context"][:, :1],  # some kernels take no empty text; nobody sees it
        y=None if arguments.get("y") is None else torch.zeros_like(arguments["y"]),
        control=None,
        transformer_options=keeping.added_to(positions.added_to(bare)),
    )
    if len(keeping.kept) != call.layers:
        raise ValueError(
            f"{call.layers - len(keeping.kept)} of the model's {call.layers} blocks hide their "
            "attention, but the layout 'isolated' has to see it: load FLUX.1-dev with the stock "
            "loader, or take away the node that replaces its attention."
        )
