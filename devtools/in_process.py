"""ComfyUI and the pack in this very process, for tests and for scoring the demo model.

ComfyUI goes first on sys.path, because this repository's `nodes` folder would hide its `nodes`;
the pack itself is loaded under an alias, as ComfyUI does.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from .comfyui import ROOT

PACK_ALIAS = "any2any_pack"


def imported_comfy(comfyui: str) -> ModuleType:
    """Return ComfyUI's `comfy` package, on the CPU where there is no GPU, with torch's attention.

    Args:
        comfyui: ComfyUI's folder.
    """
    if sys.path[0] != comfyui:
        sys.path.insert(0, comfyui)

    from comfy.cli_args import args

    args.cpu = not torch.cuda.is_available()
    args.use_pytorch_cross_attention = True

    import comfy.model_management
    import comfy.sd
    import comfy.utils

    import nodes

    assert Path(nodes.__file__).parent == Path(comfyui), "the pack's nodes hide ComfyUI's"
    return comfy


def imported_pack() -> ModuleType:
    """Return the pack, imported as ComfyUI does it: from its folder, under a name of its own."""
    spec = importlib.util.spec_from_file_location(
        PACK_ALIAS, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACK_ALIAS] = module
    spec.loader.exec_module(module)
    return module


def classes_by_id(pack: ModuleType) -> dict[str, type]:
    """Return each node class by its id, from `comfy_entrypoint`, the only registry."""

    async def listed() -> list[type]:
        return await (await pack.comfy_entrypoint()).get_node_list()

    return {node.GET_SCHEMA().node_id: node for node in asyncio.run(listed())}


def run_node(node: type, **inputs: Any) -> tuple:
    """Run a node class as a workflow does and return its outputs.

    Inputs left out take their widget's default, as the front end would send it; nodes run in
    inference mode, as in ComfyUI's server.
    """
    for declared in node.GET_SCHEMA().inputs:
        default = getattr(declared, "default", None)
        options = getattr(declared, "options", None)
        if declared.id not in inputs and not declared.optional:
            if default is None and options:
                default = options[0]
            if default is not None:
                inputs[declared.id] = default
    with torch.inference_mode():
        return node.PREPARE_CLASS_CLONE({}).EXECUTE_NORMALIZED(**inputs).args
