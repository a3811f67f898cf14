"""Where ComfyUI is, how the pack is loaded in tests, and a server with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import HealthCheck, settings

from devtools.client import Client
from devtools.comfyui import Server, running_server
from devtools.demo import EXAMPLE, put_demo_files
from devtools.in_process import classes_by_id, imported_comfy, imported_pack, run_node

COMFYUI = os.environ.get("COMFYUI_PATH", "")

torch.set_num_threads(1)

# A busy machine is slow now and then; that says nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def comfy() -> ModuleType:
    """ComfyUI's `comfy` package."""
    if not COMFYUI:
        pytest.skip("COMFYUI_PATH is not set: these tests need a ComfyUI folder")
    if not (Path(COMFYUI) / "comfy" / "cli_args.py").is_file():
        pytest.skip(f"COMFYUI_PATH is {COMFYUI}, which holds no ComfyUI")
    return imported_comfy(COMFYUI)


@pytest.fixture(scope="session")
def pack(comfy: ModuleType) -> ModuleType:
    return imported_pack()


@pytest.fixture(scope="session")
def node_classes(pack: ModuleType) -> dict[str, type]:
    return classes_by_id(pack)


@pytest.fixture(scope="session")
def run(node_classes: dict[str, type]):
    """Run a node as a workflow does: `run("NodeId", input=value)` returns its outputs."""

    def run_by_id(node_id: str, **inputs) -> tuple:
        return run_node(node_classes[node_id], **inputs)

    return run_by_id


@pytest.fixture(scope="session")
def server(comfy: ModuleType, tmp_path_factory) -> Iterator[Server]:
    """A running ComfyUI with this pack alone and the demo's pictures among its inputs.

    ANY2ANY_FRONT_END is the folder of another front end than the one that ComfyUI pins.
    """
    base = tmp_path_factory.mktemp("comfyui")
    if EXAMPLE.is_dir():  # what needs no demo model runs before one is trained, too
        put_demo_files(base)
    front_end = os.environ.get("ANY2ANY_FRONT_END")
    with running_server(base, front_end=Path(front_end) if front_end else None) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: Server) -> Client:
    return Client(server.url)
