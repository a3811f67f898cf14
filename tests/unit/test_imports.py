"""Imports point one way: nodes import the core and the seam, the core imports neither."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "any2any_core"
NODES = ROOT / "nodes"

CORE_MAY_USE = {"torch", "numpy", "PIL", "safetensors", "einops"}
NODES_MAY_USE = {"torch", "comfy_api"}


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, full dotted names, wherever the import stands."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, node.module] if node.module else base)
            # `from . import x` may name a module; `from .x import y` names what x holds.
            names |= {module} if node.module else {f"{module}.{alias.name}" for alias in node.names}
    return names


def files(folder: Path, pattern: str = "*.py") -> list:
    paths = sorted(folder.glob(pattern))
    return [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in paths]


def outside(names: set[str], allowed: set[str]) -> set[str]:
    """Return the imports that are neither the standard library's nor allowed packages'."""
    return {
        name for name in names if name.split(".")[0] not in {*sys.stdlib_module_names, *allowed}
    }


@pytest.mark.parametrize("path", files(CORE, "**/*.py"))
def test_the_core_never_imports_comfyui_or_nodes(path):
    assert outside(imported(path), CORE_MAY_USE | {"any2any_core"}) == set()


@pytest.mark.parametrize("path", files(NODES))
def test_a_node_imports_the_core_the_seam_and_no_other_node(path):
    shared = ("any2any_core.", "nodes._comfy.", "nodes._types")
    foreign = {
        name for name in outside(imported(path), NODES_MAY_USE) if not name.startswith(shared)
    }
    if path.name == "__init__.py":  # the registry, which imports every node and nothing else
        foreign = {name for name in foreign if not (NODES / f"{name.split('.')[1]}.py").is_file()}
    assert foreign == set()


@pytest.mark.parametrize("path", files(NODES / "_comfy", "**/*.py"))
def test_the_seam_imports_no_node(path):
    own = {name for name in imported(path) if name.split(".")[0] in ("nodes", "any2any_core")}
    assert all(name.startswith(("any2any_core.", "nodes._comfy", "nodes._types")) for name in own)


def test_only_the_seam_touches_comfyui_internals():
    internals = {
        *("comfy", "comfy_execution", "comfy_extras"),
        *("folder_paths", "latent_preview", "node_helpers"),
    }
    touching = {
        path.relative_to(NODES).parts[0]
        for path in NODES.rglob("*.py")
        if {name.split(".")[0] for name in imported(path)} & internals
    }
    assert touching == {"_comfy"}
