"""ComfyUI and the pack in this process: the MODEL, the CONDITIONING and the packed try-on."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import torch

from devtools.bfl import Weights
from devtools.flux import model_patcher
from devtools.in_process import PACK_ALIAS, classes_by_id, imported_comfy, imported_pack, run_node

from .machine import comfyui_folder
from .random_flux import condition_latents
from .workload import AXES, GUIDANCE, Workload

PERSON, GARMENT = "person", "garment"


def nodes_by_id() -> dict[str, type]:
    """Import ComfyUI, then the pack; return the pack's nodes."""
    imported_comfy(str(comfyui_folder()))

    import comfy.utils

    comfy.utils.set_progress_bar_enabled(False)
    return classes_by_id(imported_pack())


def loaded_model(weights: Weights, sizes: Workload):
    """Return the MODEL on the device that ComfyUI chooses."""
    import comfy.model_management

    return model_patcher(weights, sizes.heads, AXES, comfy.model_management.get_torch_device())


def conditioning(inputs: dict[str, torch.Tensor]) -> list:
    """Return a CONDITIONING with text alone."""
    return [[inputs["text"], {"pooled_output": inputs["pooled"], "guidance": GUIDANCE}]]


@dataclass(frozen=True, eq=False)
class Packed:
    """AdaptivePositionPack's outputs."""

    model: object
    positive: list
    negative: list
    latent: dict
    preview: object


def packed(nodes: dict[str, type], model, inputs: dict[str, torch.Tensor], sizes: Workload):
    """Return the try-on that AdaptivePositionPack makes: the first condition is the person."""
    panels = import_module(f"{PACK_ALIAS}.any2any_core.panels")
    geometry = import_module(f"{PACK_ALIAS}.any2any_core.geometry")
    latents = condition_latents(inputs)
    size = geometry.Size(width=sizes.width, height=sizes.height)
    picture = torch.ones(1, sizes.height, sizes.width, 3)
    roles = [PERSON] + [GARMENT] * (len(latents) - 1)
    conditions = panels.Conditions(
        size, tuple(panels.Panel(role, picture, size) for role in roles), tuple(latents)
    )
    outputs = run_node(
        nodes["AdaptivePositionPack"],
        model=model,
        positive=conditioning(inputs),
        conditions=conditions,
        layout="any2any",
    )
    return Packed(*outputs)
