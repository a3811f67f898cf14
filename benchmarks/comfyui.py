"""ComfyUI and the pack in this process: the MODEL, the CONDITIONING and the packed try-on."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import torch

from devtools.bfl import Weights
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
    """Return the MODEL, built as ComfyUI's loader does; that one fixes 24 heads."""
    import comfy.model_detection
    import comfy.model_management
    import comfy.model_patcher
    import comfy.supported_models

    config = comfy.model_detection.detect_unet_config(weights, "")
    config |= {"num_heads": sizes.heads, "axes_dim": list(AXES)}
    supported = comfy.supported_models.Flux(config)
    device = comfy.model_management.get_torch_device()
    supported.set_inference_dtype(torch.float32, None)
    model = supported.get_model({}, "", device=device)
    model.load_model_weights(weights, "")
    return comfy.model_patcher.ModelPatcher(model, load_device=device, offload_device=device)


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
