"""The subgraph "Try on", for the node library: person, garment and prompt in, picture out.

ComfyUI publishes a pack's `subgraphs/*.json`. The loaders are inside, their files are chosen on the
outside.
"""

from __future__ import annotations

import uuid
from typing import Any

from any2any_core.prompts import task_prompt

from .forms import FLUX, FLUX_FORM, TRYON
from .graph import Graph, Node, Out
from .layout import SLOT, Layout, laid_out
from .parts import Models, decoded, packed, restored, sampled, with_lora
from .saved import (
    NAMESPACE,
    link_numbers,
    rounded,
    saved_groups,
    saved_node,
    saved_reroutes,
    socket,
)
from .shapes import Shape

NAME = "Try on"
DESCRIPTION = (
    "Dresses a person in a garment with FLUX.1-dev and an Any2AnyTryon LoRA, in the photo's own "
    "size. No mask, no pose."
)
INPUTS = (("person", "IMAGE"), ("garment", "IMAGE"), ("prompt", "STRING"))
OUTPUTS = (("image", "IMAGE"),)
INPUT_ID, OUTPUT_ID = -10, -20
"""The front end's numbers for a subgraph's two ends."""

OUTSIDE = (
    *(("Any2AnySampler", widget) for widget in ("seed", "control_after_generate", "steps")),
    ("Any2AnyCanvas", "max_side"),
    ("UNETLoader", "unet_name"),
    ("LoadTryonLoRA", "lora_name"),
    *(("DualCLIPLoader", widget) for widget in ("clip_name1", "clip_name2")),
    ("VAELoader", "vae_name"),
)
"""Widgets that show on the outside, by the inner node's type."""


def blueprint(version: str) -> dict[str, Any]:
    """Return the file: a workflow with one node, and the subgraph that it stands for."""
    graph = drawn()
    subgraph = saved_subgraph(graph, version)
    ids = {node.type: node.id for node in graph.nodes}
    shown = [(str(ids[type]), widget) for type, widget in OUTSIDE]
    node = {
        "id": 1,
        "type": subgraph["id"],
        "pos": [0, 0],
        "size": [400, 480],
        "flags": {},
        "order": 0,
        "mode": 0,
        "inputs": [
            {"name": name, "type": type, "link": None}
            | ({"widget": {"name": name}} if name == "prompt" else {})
            for name, type in INPUTS
        ],
        "outputs": [{"name": name, "type": type, "links": []} for name, type in OUTPUTS],
        "title": NAME,
        "properties": {"proxyWidgets": [["-1", "prompt"], *map(list, shown)]},
        "widgets_values": [],
    }
    return {
        "id": str(uuid.uuid5(NAMESPACE, f"blueprint {NAME}")),
        "revision": 0,
        "last_node_id": 1,
        "last_link_id": 0,
        "nodes": [node],
        "links": [],
        "version": 0.4,
        "definitions": {"subgraphs": [subgraph]},
        "extra": {"BlueprintDescription": DESCRIPTION},
    }


def drawn() -> Graph:
    """Return the subgraph's inside, its two ends as nodes of their own."""
    form, graph = FLUX_FORM, Graph()
    given = end(graph, INPUT_ID, column=0, outputs=INPUTS)
    with graph.group("Model and prompt", column=1, band=1):
        loaded = form.load(graph, FLUX)
        model = with_lora(graph, form, loaded.model, TRYON)["model"]
        encode = graph.add(
            "CLIPTextEncode",
            2,
            clip=loaded.clip,
            text=given["prompt"],
            at_least=(270, 200),
            beneath={"text": task_prompt("try-on")},
        )
        text = graph.add("FluxGuidance", 3, conditioning=encode["CONDITIONING"])["CONDITIONING"]
    with graph.group("Try-on", column=3):
        size = graph.add("Any2AnyCanvas", image=given["person"])
        pack = packed(
            graph,
            Models(model, loaded.clip, loaded.vae),
            text,
            (size["width"], size["height"]),
            right=1,
            previews=False,
            person=given["person"],
            garment=given["garment"],
        )
        image = decoded(graph, loaded.vae, sampled(graph, form, pack, right=3), right=4)
        tried = restored(graph, image, pack.conditions, right=5)
    end(graph, OUTPUT_ID, column=9, links={"image": tried["image"]})
    return graph


def end(
    graph: Graph,
    id: int,
    column: int,
    outputs: tuple[tuple[str, str], ...] = (),
    links: dict[str, Out] | None = None,
) -> Node:
    """Add one of the subgraph's ends as a node that is saved apart."""
    links = links or {}
    shape = Shape(
        tuple({"name": name, "type": out.type} for name, out in links.items()),
        tuple({"name": name, "type": type} for name, type in outputs),
        {},
        frozenset(),
        (120.0, SLOT * (max(len(outputs), len(links)) + 2)),
    )
    node = Node(id, "", shape, None, {}, links, column, 0, 1, shape.size, None, {})
    graph.nodes.append(node)
    return node


def saved_subgraph(graph: Graph, version: str) -> dict[str, Any]:
    layout, numbers = laid_out(graph), link_numbers(graph)
    reroutes, extensions = saved_reroutes(layout, numbers)
    parents = {one["id"]: one["parentId"] for one in extensions}
    ends = {node.id: node for node in graph.nodes if node.id < 0}
    inner = [node for node in graph.nodes if node.id > 0]
    return {
        "id": str(uuid.uuid5(NAMESPACE, f"subgraph {NAME}")),
        "version": 1,
        "state": {
            "lastGroupId": len(graph.groups),
            "lastNodeId": max(node.id for node in inner),
            "lastLinkId": len(numbers),
            "lastRerouteId": len(reroutes),
        },
        "revision": 0,
        "config": {},
        "name": NAME,
        "inputNode": {"id": INPUT_ID, "bounding": bounding(layout, ends[INPUT_ID])},
        "outputNode": {"id": OUTPUT_ID, "bounding": bounding(layout, ends[OUTPUT_ID])},
        "inputs": [
            boundary(layout, ends[INPUT_ID], slot, one, numbers)
            for slot, one in enumerate(ends[INPUT_ID].shape.outputs)
        ],
        "outputs": [
            boundary(layout, ends[OUTPUT_ID], slot, one, numbers)
            for slot, one in enumerate(ends[OUTPUT_ID].shape.inputs)
        ],
        "widgets": [],
        "nodes": [saved_node(node, layout.nodes[node], numbers, version) for node in inner],
        "groups": saved_groups(layout),
        "links": [
            {
                "id": number,
                "origin_id": out.node.id,
                "origin_slot": out.slot,
                "target_id": node.id,
                "target_slot": socket(node, name),
                "type": out.type,
            }
            | ({"parentId": parents[number]} if number in parents else {})
            for (node, name), (number, out) in numbers.items()
        ],
        "reroutes": reroutes,
        "extra": {},
    }


def boundary(layout: Layout, node: Node, slot: int, one: dict, numbers) -> dict[str, Any]:
    """Return one input or output of the subgraph, with the links inside."""
    box = layout.nodes[node]
    links = [
        number
        for (target, name), (number, out) in numbers.items()
        if (out.node is node and out.slot == slot) or (target is node and name == one["name"])
    ]
    return {
        "id": str(uuid.uuid5(NAMESPACE, f"{NAME} {one['name']} {node.id}")),
        **one,
        "linkIds": links,
        "pos": rounded(box.left + box.width - SLOT, box.top + SLOT * (slot + 1)),
    }


def bounding(layout: Layout, node: Node) -> list[int]:
    box = layout.nodes[node]
    return rounded(box.left, box.top, box.width, box.height)
