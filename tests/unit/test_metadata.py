"""What the registry and ComfyUI read of the pack, and that its versions agree."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tomllib
from PIL import Image

from devtools.package import packaged_files

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, COMFY = PYPROJECT["project"], PYPROJECT["tool"]["comfy"]

USERS_NEED = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "__init__.py",
    "any2any_core",
    "demo",
    "dev.py",
    "devtools",  # the commands, of which Any2AnyTrainLoRA runs one
    "docs",  # the pictures of README.md
    "nodes",
    "pyproject.toml",
    "requirements.txt",
    "training",
    "workflows",
}
USERS_MAY_NEED = {"locales", "subgraphs", "web"}


@pytest.fixture(scope="module")
def package() -> list[str]:
    try:
        return packaged_files()
    except RuntimeError as error:
        pytest.skip(str(error))


def test_the_registry_gets_all_it_shows():
    assert COMFY.keys() >= {"PublisherId", "DisplayName", "Icon", "Banner", "requires-comfyui"}
    assert re.fullmatch(r"[a-z][a-z0-9]*([-_.][a-z0-9]+)*", PROJECT["name"])
    assert "comfyui" not in PROJECT["name"]
    assert PROJECT["description"] and PROJECT["requires-python"]
    assert PROJECT["license"] == {"file": "LICENSE"}


def test_the_icon_is_no_larger_than_the_registry_takes():
    width, height = Image.open(ROOT / "docs" / "icon.png").size
    assert width <= 800 and height <= 400
    assert COMFY["Icon"].endswith("docs/icon.png")


def test_the_banner_has_the_registrys_shape():
    width, height = Image.open(ROOT / "docs" / "banner.png").size
    assert width / height == pytest.approx(21 / 9)
    assert COMFY["Banner"].endswith("docs/banner.png")


def test_both_lists_of_requirements_are_one():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert sorted(PROJECT["dependencies"]) == sorted(lines)


def test_the_version_is_semantic_and_the_changelogs_newest():
    assert re.fullmatch(r"\d+\.\d+\.\d+", PROJECT["version"])
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == PROJECT["version"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "workflows").glob("*.json")), ids=lambda path: path.stem
)
def test_a_workflow_was_saved_with_this_version(path):
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"]
    properties = [node.get("properties", {}) for node in nodes]
    ours = [values for values in properties if values.get("cnr_id") == PROJECT["name"]]
    assert {values.get("ver") for values in ours} == {PROJECT["version"]}


def test_the_oldest_comfyui_is_told_the_same_everywhere():
    oldest = COMFY["requires-comfyui"].removeprefix(">=")
    assert f"version {oldest} or newer" in (ROOT / "README.md").read_text(encoding="utf-8")
    environment = (ROOT / "devtools" / "environment.py").read_text(encoding="utf-8")
    assert f"a whole ComfyUI {oldest}" in environment


def test_the_package_is_what_users_need(package):
    top = {name.split("/")[0] for name in package}
    assert top >= USERS_NEED
    assert top <= USERS_NEED | USERS_MAY_NEED


def test_the_package_has_what_its_front_page_shows(package):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = set(re.findall(r"!\[[^]]*\]\(([^):]+)\)", readme))
    assert pictures and pictures <= set(package)
