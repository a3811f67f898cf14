"""Saved workflows keep working: ids, inputs, defaults and outputs are promises.

`frozen_nodes.json` lists them, a line for each input. Whoever adds a node, an optional input, a
last output, an option or a wider range writes the line that the failing test shows. Nothing else is
ever changed or taken away: what the list says is in the workflows that people have saved.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from frozen import added, broken, contract

LIST = Path(__file__).with_name("frozen_nodes.json")
FROZEN: dict[str, dict] = json.loads(LIST.read_text(encoding="utf-8"))


@pytest.mark.parametrize("node_id", FROZEN)
def test_a_saved_node_still_loads(node_classes, node_id):
    assert node_id in node_classes, f"{node_id} is gone, and every workflow that has it breaks"
    found = contract(node_classes[node_id])
    assert broken(FROZEN[node_id], found) == [], f"saved workflows with {node_id} break"
    assert added(FROZEN[node_id], found) == [], f"add these lines to {node_id} in {LIST.name}"


def test_every_node_is_frozen(node_classes):
    new = {
        node_id: contract(node) for node_id, node in node_classes.items() if node_id not in FROZEN
    }
    assert new == {}, f"add this to {LIST.name}: {json.dumps(new)}"


EXAMPLE = {
    "inputs": {
        "image": {"type": "IMAGE"},
        "size": {"type": "COMBO", "default": "s", "options": ["s", "m"]},
        "steps": {"type": "INT", "default": 30, "min": 1, "max": 100},
        "mask": {"type": "MASK", "optional": True},
    },
    "outputs": {"image": "IMAGE", "width": "INT"},
}


def renamed(entries: dict, old: str, new: str) -> None:
    items = [(new if name == old else name, entry) for name, entry in entries.items()]
    entries.clear()
    entries.update(items)


def first(entries: dict, name: str, entry) -> None:
    items = list(entries.items())
    entries.clear()
    entries.update([(name, entry), *items])


BREAKING = {
    "input renamed": lambda node: renamed(node["inputs"], "steps", "step_count"),
    "input removed": lambda node: node["inputs"].pop("mask"),
    "inputs in another order": lambda node: first(node["inputs"], "steps", node["inputs"]["steps"]),
    "type of an input": lambda node: node["inputs"]["steps"].update(type="FLOAT"),
    "default": lambda node: node["inputs"]["steps"].update(default=20),
    "narrower range": lambda node: node["inputs"]["steps"].update(max=50),
    "no default any more": lambda node: node["inputs"]["steps"].pop("default"),
    "a second widget": lambda node: node["inputs"]["steps"].update(control_after_generate=True),
    "option removed": lambda node: node["inputs"]["size"].update(options=["s"]),
    "optional made required": lambda node: node["inputs"]["mask"].pop("optional"),
    "new required input": lambda node: node["inputs"].update(seed={"type": "INT"}),
    "optional input put first": lambda node: first(
        node["inputs"], "seed", {"type": "INT", "optional": True}
    ),
    "output renamed": lambda node: renamed(node["outputs"], "width", "w"),
    "output removed": lambda node: node["outputs"].pop("width"),
    "output put first": lambda node: first(node["outputs"], "mask", "MASK"),
    "type of an output": lambda node: node["outputs"].update(width="FLOAT"),
    "output made a list": lambda node: node["outputs"].update(image="IMAGE list"),
    "lists taken whole": lambda node: node.update(takes_lists=True),
}


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING)
def test_what_breaks_a_workflow_is_told(change):
    changed = copy.deepcopy(EXAMPLE)
    change(changed)
    assert broken(EXAMPLE, changed) != []


ADDING = {
    "optional input": (
        lambda node: node["inputs"].update(seed={"type": "INT", "default": 0, "optional": True}),
        'inputs: "seed": {"type": "INT", "default": 0, "optional": true}',
    ),
    "last output": (
        lambda node: node["outputs"].update(mask="MASK"),
        'outputs: "mask": "MASK"',
    ),
    "wider range": (
        lambda node: node["inputs"]["steps"].update(max=200),
        'inputs: "steps": {"type": "INT", "default": 30, "min": 1, "max": 200}',
    ),
    "option": (
        lambda node: node["inputs"]["size"].update(options=["s", "m", "l"]),
        'inputs: "size": {"type": "COMBO", "default": "s", "options": ["s", "m", "l"]}',
    ),
}


@pytest.mark.parametrize(("change", "line"), ADDING.values(), ids=ADDING)
def test_what_is_added_is_told_as_the_line_to_add(change, line):
    changed = copy.deepcopy(EXAMPLE)
    change(changed)
    assert broken(EXAMPLE, changed) == []
    assert added(EXAMPLE, changed) == [line]
