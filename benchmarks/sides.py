"""The sides that a process of its own builds, from the files that both load.

Each imports its own packages alone, so that its peak memory is its own.
"""

from __future__ import annotations

from pathlib import Path

from .files import BFL, DIFFUSERS, INPUTS
from .workload import Workload


def diffusers_side(sizes: Workload, folder: Path):
    from diffusers import FluxTransformer2DModel
    from safetensors.torch import load_file

    from .diffusers_side import DiffusersSide

    transformer = FluxTransformer2DModel.from_pretrained(folder / DIFFUSERS)
    return DiffusersSide(sizes, transformer, load_file(folder / INPUTS))


def comfyui_side(sizes: Workload, folder: Path, mode: str | None = None):
    from .comfyui import loaded_model, nodes_by_id

    nodes = nodes_by_id()

    import comfy.utils
    from safetensors.torch import load_file

    from .comfyui_side import ComfyUISide

    model = loaded_model(comfy.utils.load_torch_file(str(folder / BFL)), sizes)
    return ComfyUISide(sizes, nodes, model, load_file(folder / INPUTS), mode)
