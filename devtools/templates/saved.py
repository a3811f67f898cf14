"""A drawn graph as the front end saves it (version 0.4), and as it sends it to the server."""

from __future__ import annotations

import uuid
from typing import Any

from .graph import Graph, Node, Out
from .layout import Box, Layout, Point, laid_out

CORE, CORE_VERSION = "comfy-core", "0.3.75"
PACK = "any2anytryon"
NAMESPACE = uuid.UUID("8a1f0c62-6d0e-4c55-9b0e-2f9b7d3f5a10")
"""What the workflows' ids are derived from, so that writing them again changes nothing."""

NOTE = "MarkdownNote"
GROUP_COLOURS = ("#3f789e", "#8A8")
"""Of the groups in which one only looks, and of those in which one does something."""


def workflow(graph: Graph, name: str, version: str) -> dict[str, Any]:
    """Return the graph as a saved workflow.

    Args:
        name: of the file; the workflow's id comes from it.
        version: the pack's.
    """
    layout = laid_out(graph)
    numbers = link_numbers(graph)
    reroutes, extensions = saved_reroutes(layout, numbers)
    extra: dict[str, Any] = {"ds": {"scale": 0.5, "offset": view(layout)}}
    if reroutes:
        extra |= {"reroutes": reroutes, "linkExtensions": extensions}
    return {
        "id": str(uuid.uuid5(NAMESPACE, name)),
        "revision": 0,
        "last_node_id": len(graph.nodes),
        "last_link_id": len(numbers),
        "nodes": [saved_node(node, layout.nodes[node], numbers, version) for node in graph.nodes],
        "links": [
            [number, out.node.id, out.slot, node.id, socket(node, name), out.type]
            for (node, name), (number, out) in numbers.items()
        ],
        "groups": saved_groups(layout),
        "config": {},
        "extra": extra,
        "version": 0.4,
    }


def prompt(graph: Graph) -> dict[str, dict]:
    """Return what the front end sends for the graph: each node's inputs by name."""
    return {
        str(node.id): {
            "class_type": node.type,
            "inputs": {name: value for name, value in node.values.items() if sent(node, name)}
            | {name: [str(out.node.id), out.slot] for name, out in node.links.items()},
        }
        for node in graph.nodes
        if node.type != NOTE  # known to the front end alone
    }


def sent(node: Node, widget: str) -> bool:
    return widget not in node.shape.unsent and widget not in node.links


def saved_groups(layout: Layout) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "title": group.title,
            "bounding": rounded(box.left, box.top, box.width, box.height),
            "color": GROUP_COLOURS[group.title[0] == "1" or "Result" in group.title],
            "font_size": 24,
            "flags": {},
        }
        for number, (group, box) in enumerate(layout.groups.items(), 1)
    ]


Numbers = dict[tuple[Node, str], tuple[int, Out]]


def link_numbers(graph: Graph) -> Numbers:
    """Return each link's number and output by the node and input that it goes to."""
    ends = [(node, name) for node in graph.nodes for name in node.links]
    return {end: (number, end[0].links[end[1]]) for number, end in enumerate(ends, 1)}


def socket(node: Node, name: str) -> int:
    return [one["name"] for one in node.shape.inputs].index(name)


def saved_node(node: Node, box: Box, numbers: Numbers, version: str) -> dict[str, Any]:
    """Return the node as the front end saves it, without what is at its default."""
    extra = dict(node.extra)
    properties = {} if node.type == NOTE else origin(node.type, version)
    saved: dict[str, Any] = {
        "id": node.id,
        "type": node.type,
        "pos": rounded(box.left, box.top),
        "size": rounded(box.width, box.height),
        "flags": {},
        "order": node.id - 1,
        "mode": 0,
        "inputs": [
            one | {"link": numbers.get((node, one["name"]), (None,))[0]}
            for one in node.shape.inputs
        ],
        "outputs": [
            one
            | {
                "links": [
                    number
                    for number, out in numbers.values()
                    if out.node is node and out.slot == slot
                ]
            }
            for slot, one in enumerate(node.shape.outputs)
        ],
        "properties": properties | extra.pop("properties", {}),
        "widgets_values": list(node.values.values()),
    }
    if node.title:
        saved["title"] = node.title
    return saved | extra


def origin(type: str, version: str) -> dict[str, str]:
    """Return the properties by which the front end finds the pack of a node that it lacks."""
    ours = "Any2Any" in type or type in (
        "LoadTryonLoRA",
        "ConditionImageEncode",
        "AdaptivePositionPack",
    )
    pack, number = (PACK, version) if ours else (CORE, CORE_VERSION)
    return {"cnr_id": pack, "ver": number, "Node name for S&R": type}


def saved_reroutes(layout: Layout, numbers: Numbers) -> tuple[list[dict], list[dict]]:
    """Return the reroutes and each routed link's last one; links of one output share them."""
    reroutes: dict[tuple[Out, Point], dict] = {}
    extensions = []
    for (node, _), (number, out) in numbers.items():
        parent = None
        for point in layout.routes.get((out, node.column), []):
            new = {"id": len(reroutes) + 1, "pos": rounded(*point), "linkIds": []}
            reroute = reroutes.setdefault((out, point), new)
            if parent and "parentId" not in reroute:
                reroute["parentId"] = parent
            reroute["linkIds"].append(number)
            parent = reroute["id"]
        if parent:
            extensions.append({"id": number, "parentId": parent})
    return list(reroutes.values()), extensions


def view(layout: Layout) -> list[float]:
    """Return the offset that brings the upper left corner into view."""
    boxes = [*layout.nodes.values(), *layout.groups.values()]
    return rounded(60 - min(box.left for box in boxes), 160 - min(box.top for box in boxes))


def rounded(*numbers: float) -> list[int]:
    return [round(number) for number in numbers]
