"""Where ComfyUI is, and how the pack is loaded in tests.

ComfyUI goes first on sys.path, because this repository's `nodes` folder would hide its `nodes`;
the pack itself is loaded under an alias, as ComfyUI does.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
COMFYUI = os.environ.get("COMFYUI_PATH", "")
PACK_ALIAS = "any2any_pack"

torch.set_num_threads(1)

# A busy machine is slow now and then; that says nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def comfy() -> ModuleType:
    """ComfyUI's `comfy` package, on the CPU where there is no GPU, with torch's attention."""
    if not COMFYUI:
        pytest.skip("COMFYUI_PATH is not set: these tests need a ComfyUI folder")
    if not (Path(COMFYUI) / "comfy" / "cli_args.py").is_file():
        pytest.skip(f"COMFYUI_PATH is {COMFYUI}, which holds no ComfyUI")
    if sys.path[0] != COMFYUI:
        sys.path.insert(0, COMFYUI)

    from comfy.cli_args import args

    args.cpu = not torch.cuda.is_available()
    args.use_pytorch_cross_attention = True

    import comfy.model_management
    import comfy.sd
    import comfy.utils

    import nodes

    assert Path(nodes.__file__).parent == Path(COMFYUI), "the pack's nodes hide ComfyUI's"
    return comfy


@pytest.fixture(scope="session")
def pack(comfy: ModuleType) -> ModuleType:
    """The pack, imported as ComfyUI does it: from its folder, under a name of its own."""
    spec = importlib.util.spec_from_file_location(
        PACK_ALIAS, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACK_ALIAS] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def node_classes(pack: ModuleType) -> dict[str, type]:
    """Each node class by its id, from `comfy_entrypoint`, the only registry."""

    async def listed() -> list[type]:
        return await (await pack.comfy_entrypoint()).get_node_list()

    return {node.GET_SCHEMA().node_id: node for node in asyncio.run(listed())}


@pytest.fixture(scope="session")
def run(node_classes: dict[str, type]):
    """Run a node as a workflow does: `run("NodeId", input=value)` returns its outputs.

    Inputs left out take their widget's default, as the front end would send it; nodes run in
    inference mode, as in ComfyUI's server.
    """

    def run_node(node_id: str, **inputs) -> tuple:
        node = node_classes[node_id]
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

    return run_node
