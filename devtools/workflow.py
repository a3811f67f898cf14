"""A saved workflow in the form that ComfyUI's API takes.

The front end does this in its `graphToPrompt`; the browser tests hold the two equal. Enough for
our own workflows: no subgraphs, no bypassed nodes, no reroutes.
"""

from __future__ import annotations

from typing import Any

WIDGETS = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")
EXTRA_WIDGETS = ("control_after_generate", "image_upload")
"""Options of an input that bring a second widget, whose value the server never sees."""


def api_prompt(workflow: dict, object_info: dict) -> dict[str, dict]:
    """Return the API form of a workflow of version 0.4, for the server's /object_info."""
    sources = {link[0]: [str(link[1]), link[2]] for link in workflow["links"]}
    return {
        str(node["id"]): {
            "inputs": node_inputs(node, object_info[node["type"]], sources),
            "class_type": node["type"],
            "_meta": {"title": node.get("title") or object_info[node["type"]]["display_name"]},
        }
        for node in sorted(workflow["nodes"], key=lambda node: node["order"])
        if node["type"] in object_info  # notes are known to the front end alone
    }


def node_inputs(node: dict, info: dict, sources: dict[int, list]) -> dict[str, Any]:
    """Return a node's inputs by name: the value of each widget, or where a link comes from."""
    inputs = {}
    values = iter(node.get("widgets_values", []))
    for kind in ("required", "optional"):
        for name in info["input_order"].get(kind, []):
            declared, *rest = info["input"][kind][name]
            options = rest[0] if rest else {}
            has_widget = isinstance(declared, list) or declared in WIDGETS
            if has_widget and not options.get("forceInput"):
                inputs[name] = next(values)
                if any(options.get(extra) for extra in EXTRA_WIDGETS):
                    next(values)
    for declared in node.get("inputs", []):
        if declared.get("link") is not None:
            inputs[declared["name"]] = sources[declared["link"]]
    return inputs
