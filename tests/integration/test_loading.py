"""Loading the pack costs ComfyUI next to nothing, and touches nothing but the pack's own files.

Of what a user gets from the registry, in a process where ComfyUI sees it for the first time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from devtools.comfyui import PACK
from devtools.loading import loading
from devtools.package import packaged

pytestmark = pytest.mark.slow

SECONDS = 0.3
"""Of the processor: on a busy computer the clock says nothing about the pack."""

FROZEN = json.loads(Path(__file__).with_name("frozen_nodes.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    try:
        return packaged(tmp_path_factory.mktemp("package") / PACK)
    except RuntimeError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def report(comfy, package) -> dict:
    return loading(package)


def outside(paths: list[str], *folders: Path | str) -> list[str]:
    return [path for path in paths if not any(Path(path).is_relative_to(one) for one in folders)]


def test_the_package_has_all_nodes(report):
    assert report["loaded"]
    assert report["nodes"] == sorted(FROZEN)


def test_it_takes_no_time(report):
    assert report["cpu_seconds"] < SECONDS


def test_it_brings_no_library_that_comfyui_has_not_loaded(report, package):
    roots = {name.split(".")[0] for name in report["modules"] if PACK not in name}
    assert roots - set(sys.stdlib_module_names) == set()


def test_it_opens_its_own_files_only(report, package):
    """Besides Python's own: the first import of a module of its library opens that."""
    libraries = {Path(path) for path in (sys.base_prefix, sys.prefix)}
    assert outside(report["opened"], package, *libraries) == []
    assert package / "nodes" / "__init__.py" in map(Path, report["opened"])


def test_it_lists_its_own_folders_and_comfyuis_models(report, package):
    """Schemas hold lists of files, and ComfyUI asks for them once a node is registered."""
    libraries = {Path(path) for path in (sys.base_prefix, sys.prefix)}
    assert outside(report["listed"], package, *libraries, *report["model_folders"]) == []


@pytest.mark.parametrize("touch", ["changed", "connected", "started", "patched"])
def test_it_leaves_everything_alone(report, package, touch):
    """No file changed, no connection, no process, no attribute of ComfyUI or torch replaced."""
    assert outside(report[touch], package) == []


def test_it_leaves_the_gpu_alone(report):
    assert report["gpu_calls"] == 0


def test_comfyui_reads_the_metadata(comfy, package):
    from comfy_config.config_parser import extract_node_configuration

    read = extract_node_configuration(str(package))
    assert read.project.supported_os == ["OS Independent"]
    assert read.project.supported_accelerators != []
    assert read.project.supported_comfyui_version == ">=0.3.75"
