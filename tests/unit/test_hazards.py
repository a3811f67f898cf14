"""No hazard in what runs inside ComfyUI; each rule of hazards.py finds what it is there for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hazards import RULES
from source import Source

ROOT = Path(__file__).parents[2]
FILES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (
        ROOT / "__init__.py",
        *sorted((ROOT / "nodes").rglob("*.py")),
        *sorted((ROOT / "any2any_core").rglob("*.py")),
    )
}
SOURCES = {path: Source(text) for path, text in FILES.items()}

ALLOWED = {
    ("precision", "any2any_core/noise.py"): "the published scripts draw their noise in bfloat16",
    ("precision", "nodes/_comfy/last_block.py"): "half's infinities are cut off, as in the block",
    ("unmanaged-model", "nodes/_comfy/demo.py"): "called by comfy.sd.CLIP, which manages the model",
    ("process", "nodes/_comfy/training.py"): (
        "the pack's own command, by the running Python, a list of words and no shell: nodes run "
        "in inference mode, and ComfyUI's memory is not a training's to fill"
    ),
    ("cache-clear", "nodes/_comfy/training.py"): "another process is about to need the card",
}
"""Hits that are right, and why."""


@pytest.mark.parametrize("rule", RULES)
def test_no_file_has_the_hazard(rule):
    hits = {path: lines for path, source in SOURCES.items() if (lines := RULES[rule].lines(source))}
    allowed = {path for name, path in ALLOWED if name == rule}
    faults = [f"{path}:{line}" for path in hits.keys() - allowed for line in hits[path]]
    assert faults == [], RULES[rule].why
    assert allowed <= hits.keys(), "allowed for nothing: take it off the list"


@pytest.mark.parametrize(
    ("rule", "code"), [(rule, code) for rule in RULES for code in RULES[rule].bad]
)
def test_a_rule_finds_its_hazard(rule, code):
    assert RULES[rule].lines(Source(code)) != []


@pytest.mark.parametrize(
    ("rule", "code"), [(rule, code) for rule in RULES for code in RULES[rule].good]
)
def test_a_rule_leaves_good_code_alone(rule, code):
    assert RULES[rule].lines(Source(code)) == []


@pytest.mark.parametrize("path", FILES)
def test_a_source_can_be_read_on_every_windows(path):
    """Some tools there still read files in cp1252."""
    FILES[path].encode("cp1252")


def test_requirements_are_what_comfyui_ships():
    """Unpinned, and no torch: an installer must have nothing to change."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert set(lines) <= {"einops", "numpy", "pillow", "safetensors", "scipy"}
