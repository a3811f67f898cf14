"""The position patch: rewrites img_ids inside the DIFFUSION_MODEL wrapper, and nothing else.

No forward is replaced and transformer_options is never changed in place, so it composes with
whatever else is on the model: LoRAs, ControlNet, caches, other wrappers.
"""

from __future__ import annotations

import inspect

import torch
from comfy.patcher_extension import WrappersMP

from ...any2any_core.clean import noised_conditions
from ...any2any_core.layout import is_layout, parse_layout
from ...any2any_core.positions import image_ids
from .calls import token_grid

KEY = "any2any"


def with_adaptive_positions(model):
    """Return a clone of the MODEL that gives conditionings with our layout their ids."""
    clone = model.clone()
    clone.remove_wrappers_with_key(WrappersMP.DIFFUSION_MODEL, KEY)
    clone.add_wrapper_with_key(WrappersMP.DIFFUSION_MODEL, KEY, adaptive_position_wrapper)
    return clone


def adaptive_position_wrapper(executor, *args, **kwargs):
    """Run the diffusion model with our ids if the conditioning carries our layout."""
    call = inspect.signature(executor.original).bind(*args, **kwargs)
    method = call.arguments.get("kwargs", {}).get("ref_latents_method")
    if not is_layout(method):
        return executor(*args, **kwargs)
    layout = parse_layout(method)
    x, latents = call.arguments["x"], call.arguments.get("ref_latents") or []
    flux = executor.class_obj
    grids = [token_grid(latent, flux.patch_size) for latent in (x, *latents)]
    ids, single_ids = image_ids(layout, grids[0], grids[1:])

    patches = PositionPatches(
        flux,
        ids.to(x.device),
        single_ids.to(x.device) if single_ids is not None else None,
    )
    options = call.arguments.get("transformer_options") or {}
    call.arguments["transformer_options"] = patches.added_to(options)
    if not layout.clean:
        call.arguments["ref_latents"] = noised_conditions(latents, call.arguments["timestep"])
    return executor(*call.args, **call.kwargs)


class PositionPatches:
    """One call's patches: ids for all blocks, and the single blocks' own where there are some."""

    def __init__(self, flux, ids: torch.Tensor, single_ids: torch.Tensor | None):
        self.flux = flux
        self.ids = ids
        self.single_ids = single_ids
        self.single_pe = None

    def added_to(self, transformer_options: dict) -> dict:
        """Return a copy of the options with these patches; ours comes before other post_inputs.

        A later patch may append tokens of its own, whose ids must stay.
        """
        patches = dict(transformer_options.get("patches", {}))
        patches["post_input"] = [self.rewrite_ids, *patches.get("post_input", [])]
        options = {**transformer_options, "patches": patches}
        if self.single_ids is not None:
            replace = dict(options.get("patches_replace", {}))
            blocks = dict(replace.get("dit", {}))
            for i in range(len(self.flux.single_blocks)):
                key = ("single_block", i)
                blocks[key] = self.with_single_pe(blocks.get(key))
            options["patches_replace"] = {**replace, "dit": blocks}
        return options

    def rewrite_ids(self, tokens: dict) -> dict:
        """Replace img_ids [B,N,3] by ours (a `post_input` patch)."""
        img_ids, txt_ids = tokens["img_ids"], tokens["txt_ids"]
        if img_ids.shape[1] != len(self.ids):
            raise ValueError(
                f"The model sees {img_ids.shape[1]} image tokens, but the layout has "
                f"{len(self.ids)}: another node adds or drops tokens before AdaptivePositionPack's "
                "patch; take it out of this graph."
            )
        if self.single_ids is not None:
            single_ids = self.single_ids.to(img_ids.dtype).expand_as(img_ids)
            self.single_pe = self.flux.pe_embedder(torch.cat((txt_ids, single_ids), dim=1))
        return {**tokens, "img_ids": self.ids.to(img_ids.dtype).expand_as(img_ids)}

    def with_single_pe(self, existing):
        """Return a block replacement that hands on the single blocks' own position embedding."""

        def replacement(args: dict, extra: dict) -> dict:
            # condition reuse drops tokens at the end
            args = {**args, "pe": self.single_pe[:, :, : args["img"].shape[1]]}
            if existing is not None:
                return existing(args, extra)
            return extra["original_block"](args)

        return replacement
