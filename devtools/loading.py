"""What happens while ComfyUI loads the pack: `python -m devtools.loading` tells it as JSON.

In a process of its own, where ComfyUI is up to the point at which it loads custom nodes, and
nothing of the pack has been seen. COMFYUI_PATH says which ComfyUI.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .comfyui import PACK, ROOT
from .in_process import imported_comfy

TOUCHES = {
    "opened": ("open",),
    "listed": ("os.listdir", "os.scandir", "glob.glob"),
    "changed": ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink"),
    "connected": ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo"),
    "started": ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn"),
}
"""Python's audit events, by what they mean."""

GUARDED = ("comfy", "comfy_extras", "execution", "folder_paths", "node_helpers", "nodes", "torch")
"""Modules whose attributes nobody may change."""

LISTED = ("loras", "diffusion_models", "vae", "text_encoders")
"""What the schemas' lists of files are made of."""


def loading(pack: Path = ROOT) -> dict[str, Any]:
    """Return `report` of a fresh process."""
    command = [sys.executable, "-m", "devtools.loading", str(pack)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def report(pack: Path) -> dict[str, Any]:
    """Load the pack in this process as ComfyUI does; return what that took and touched."""
    imported_comfy(os.environ["COMFYUI_PATH"])
    import comfy_config.config_parser  # noqa: F401  ComfyUI's, for whichever pack comes first
    import folder_paths
    import torch

    import nodes

    loop = asyncio.new_event_loop()
    known = set(nodes.NODE_CLASS_MAPPINGS)
    modules, attributes = set(sys.modules), module_attributes()
    with audited() as touched, counted(torch.cuda, "_lazy_init") as gpu:
        start, start_cpu = time.perf_counter(), time.process_time()
        loaded = loop.run_until_complete(nodes.load_custom_node(str(pack)))
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    loop.close()
    changed = {
        name for name, value in module_attributes().items() if attributes.get(name, value) != value
    }
    return {
        "loaded": loaded,
        "nodes": sorted(set(nodes.NODE_CLASS_MAPPINGS) - known),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "modules": sorted(set(sys.modules) - modules),
        "patched": sorted(changed),
        "gpu_calls": len(gpu),
        "model_folders": [
            folder for kind in LISTED for folder in folder_paths.get_folder_paths(kind)
        ],
        **touched,
    }


def module_attributes() -> dict[str, int]:
    """Return what every attribute of ComfyUI's and torch's modules is, by its dotted name."""
    return {
        f"{name}.{attribute}": id(value)
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in GUARDED
        for attribute, value in list(vars(module).items())
    }


@contextmanager
def audited() -> Iterator[dict[str, list[str]]]:
    """Collect what Python touches outside of memory, by the keys of `TOUCHES`."""
    touched: dict[str, list[str]] = {kind: [] for kind in TOUCHES}
    kinds = {event: kind for kind, events in TOUCHES.items() for event in events}
    active = True

    def hook(event: str, arguments: tuple) -> None:
        if active and event in kinds:
            what = arguments[0] if arguments else ""
            touched[kinds[event]].append(os.fsdecode(what) if is_path(what) else repr(what))

    sys.addaudithook(hook)
    try:
        yield touched
    finally:
        active = False


def is_path(value: object) -> bool:
    return isinstance(value, str | bytes | os.PathLike)


@contextmanager
def counted(module: Any, name: str) -> Iterator[list[None]]:
    """Collect an entry for every call of a module's function."""
    calls: list[None] = []
    original: Callable = getattr(module, name)

    def counting(*args, **kwargs):
        calls.append(None)
        return original(*args, **kwargs)

    setattr(module, name, counting)
    try:
        yield calls
    finally:
        setattr(module, name, original)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devtools.loading", description=__doc__)
    parser.add_argument("pack", type=Path, nargs="?", default=ROOT, help=f"default: this {PACK}")
    print(json.dumps(report(parser.parse_args().pack.resolve())))


if __name__ == "__main__":
    main()
