"""Conditions and layout inside a CONDITIONING, under ComfyUI's own keys."""

from __future__ import annotations

import node_helpers
import torch

from ...any2any_core.layout import Layout, is_layout, parse_layout

LATENTS = "reference_latents"
METHOD = "reference_latents_method"


def packed(conditioning: list, latents: list[torch.Tensor], layout: Layout, what: str) -> list:
    """Return the conditioning with our conditions and layout; our own earlier ones are replaced.

    Raises:
        ValueError: reference latents of another node are in it already.
    """
    for _, values in conditioning:
        if values.get(LATENTS) and not is_layout(values.get(METHOD)):
            raise ValueError(
                f"The {what} conditioning already carries {len(values[LATENTS])} reference "
                "latents of another node (ReferenceLatent, Kontext or USO), but only ours can be "
                "placed: take that node out of the path to AdaptivePositionPack."
            )
    values = {LATENTS: list(latents), METHOD: str(layout)}
    return node_helpers.conditioning_set_values(conditioning, values)


def zeroed(conditioning: list) -> list:
    """Return the conditioning with text and pooled vector zeroed, as ConditioningZeroOut does."""
    result = []
    for text, values in conditioning:
        values = dict(values)
        if values.get("pooled_output") is not None:
            values["pooled_output"] = torch.zeros_like(values["pooled_output"])
        result.append([torch.zeros_like(text), values])
    return result


def packed_conditions(conditioning: list) -> tuple[Layout, list[torch.Tensor]]:
    """Return the layout and the condition latents that AdaptivePositionPack put in.

    Raises:
        ValueError: it put none in.
    """
    for _, values in conditioning:
        if is_layout(values.get(METHOD)):
            return parse_layout(values[METHOD]), values[LATENTS]
    raise ValueError(
        "The positive conditioning carries no try-on conditions, but those of "
        "AdaptivePositionPack were expected: connect its positive output."
    )


def text_tokens(conditioning: list) -> int:
    """Return the length of the first entry's text."""
    return conditioning[0][0].shape[1] if conditioning else 0
