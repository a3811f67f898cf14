"""The subgraph "Try on" out of the node library, and run on the demo's models."""

from __future__ import annotations

import copy
import json

import pytest

from any2any_core.prompts import task_prompt
from devtools.comfyui import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.full]

FILE = ROOT / "subgraphs" / "Try on.json"
LOADERS = {"UNETLoader": 0, "DualCLIPLoader": 1, "VAELoader": 2}
"""And which of LoadAny2AnyDemo's outputs stands in for each."""

SMALL = {"Any2AnyCanvas": [192, 144], "LoadTryonLoRA": ["any2any_demo_tryon.safetensors", 1.0]}
STEPS = 2

EMPTY = {"last_node_id": 0, "last_link_id": 0, "nodes": [], "links": [], "version": 0.4}


@pytest.fixture
def blueprint() -> dict:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_the_server_offers_it(client):
    offered = client.ask("/global_subgraphs")
    assert "Try on" in [one["name"] for one in offered.values()]


def test_it_is_found_and_added(front_end):
    front_end.open(EMPTY)
    front_end.add_by_search("Try on")
    (node,) = front_end.nodes()
    assert node.registered
    assert set(front_end.widgets(node.id)) >= {"prompt"}
    assert front_end.dialogs() == []


def test_it_shows_the_prompt_and_the_files_outside(blueprint, front_end):
    front_end.open(blueprint)
    shown = {name.split(": ")[-1]: value for name, value in front_end.widgets("1").items()}
    assert shown["prompt"] == task_prompt("try-on")
    assert shown["unet_name"] == "flux1-dev.safetensors"
    assert shown["seed"] == 0
    assert front_end.dialogs() == []


def test_it_dresses_a_doll(blueprint, front_end):
    front_end.open(between_two_photos_and_a_result(on_the_demo_model(blueprint)))
    front_end.show_whole()
    front_end.press_run()
    front_end.wait_for_pictures()
    assert front_end.dialogs() == []


def on_the_demo_model(blueprint: dict) -> dict:
    """Return the blueprint with the demo's models for FLUX.1-dev's, small and in few steps."""
    swapped = copy.deepcopy(blueprint)
    (subgraph,) = swapped["definitions"]["subgraphs"]
    slots = {}
    for node in subgraph["nodes"]:
        if node["type"] in LOADERS:
            slots[node["id"]] = slot = LOADERS[node["type"]]
            links = node["outputs"][0]["links"]
            outputs = [{"name": kind.lower(), "type": kind} for kind in ("MODEL", "CLIP", "VAE")]
            outputs[slot]["links"] = links
            node |= {"type": "LoadAny2AnyDemo", "inputs": [], "outputs": outputs}
            node |= {"widgets_values": [], "properties": {}}
        elif node["type"] == "Any2AnySampler":
            node["widgets_values"][2] = STEPS
        else:
            node["widgets_values"] = SMALL.get(node["type"], node["widgets_values"])
    for link in subgraph["links"]:
        link["origin_slot"] = slots.get(link["origin_id"], link["origin_slot"])
    swapped["nodes"][0]["properties"] = {}
    return swapped


def between_two_photos_and_a_result(blueprint: dict) -> dict:
    """Return a workflow that feeds the subgraph's node and saves what comes out."""
    (node,) = blueprint["nodes"]
    for number, one in enumerate(node["inputs"][:2], 2):
        one["link"] = number
        picture = f"any2any_{one['name']}.png"
        blueprint["nodes"].append(
            saved(number, "LoadImage", [picture, "image"], outputs=[("IMAGE", [number])])
        )
        blueprint["links"].append([number, number, 0, 1, number - 2, "IMAGE"])
    node["outputs"][0]["links"] = [4]
    save = saved(4, "SaveImage", ["blueprint"])
    save["inputs"] = [{"name": "images", "type": "IMAGE", "link": 4}]
    blueprint["nodes"].append(save)
    blueprint["links"].append([4, 1, 0, 4, 0, "IMAGE"])
    return blueprint | {"last_node_id": 4, "last_link_id": 4}


def saved(id: int, type: str, values: list, outputs=()) -> dict:
    return {
        "id": id,
        "type": type,
        "pos": [500 * (id - 1), 600],
        "size": [400, 400],
        "flags": {},
        "order": id,
        "mode": 0,
        "inputs": [],
        "outputs": [{"name": name, "type": name, "links": links} for name, links in outputs],
        "properties": {},
        "widgets_values": values,
    }
