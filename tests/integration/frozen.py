"""What a saved workflow knows of a node, and what would break it."""

from __future__ import annotations

import json
from itertools import zip_longest

SAVED = ("default", "min", "max", "step", "control_after_generate", "options")
"""What of a widget's declaration a saved value depends on."""

NOT_OURS = ("lora_name", "sampler_name", "base", "vae", "clip_l", "t5xxl")
"""Lists that ComfyUI and the user's folders fill."""


def contract(node: type) -> dict:
    """Return what a saved workflow knows of a node class, in the form of frozen_nodes.json.

    In the order of /object_info, where required inputs come before optional ones: widgets are
    saved as a list without names.
    """
    info = node.GET_NODE_INFO_V1()
    inputs = {}
    for group, names in info["input_order"].items():
        for name in names:
            kind, *rest = info["input"][group][name]
            options = rest[0] if rest else {}
            entry = {"type": kind} | ({"optional": True} if group == "optional" else {})
            entry |= {key: options[key] for key in SAVED if key in options}
            if name in NOT_OURS:
                entry.pop("options", None)
            inputs[name] = entry
    outputs = {
        name: f"{kind} list" if is_list else kind
        for name, kind, is_list in zip(
            info["output_name"], info["output"], info["output_is_list"], strict=True
        )
    }
    assert len(outputs) == len(info["output"]), f"{info['name']}: two outputs share a name"
    flags = {"takes_lists": node.GET_SCHEMA().is_input_list, "output_node": info["output_node"]}
    flags = {name: True for name, is_set in flags.items() if is_set}
    return flags | {"inputs": inputs, "outputs": outputs}


def broken(frozen: dict, found: dict) -> list[str]:
    """Return what a workflow saved with `frozen` would stumble over, a sentence each."""
    said = []
    for flag in ("takes_lists", "output_node"):
        if frozen.get(flag, False) != found.get(flag, False):
            said.append(f"{flag} was {frozen.get(flag, False)} and is {found.get(flag, False)}")
    said += shifted("input", frozen["inputs"], found["inputs"])
    for name in frozen["inputs"].keys() & found["inputs"].keys():
        before, now = frozen["inputs"][name], found["inputs"][name]
        for key in ("type", "optional", *SAVED):
            was, is_now = before.get(key), now.get(key)
            if was != is_now and not wider(key, was, is_now):
                said.append(f"input {name}: {key} was {was} and is {is_now}")
    for name, entry in appended(frozen["inputs"], found["inputs"]).items():
        if not entry.get("optional"):
            said.append(f"input {name} is new and required")
    said += shifted("output", frozen["outputs"], found["outputs"])
    for name in frozen["outputs"].keys() & found["outputs"].keys():
        before, now = frozen["outputs"][name], found["outputs"][name]
        if before != now:
            said.append(f"output {name}: type was {before} and is {now}")
    return said


def added(frozen: dict, found: dict) -> list[str]:
    """Return what is new and breaks nothing, as the lines that frozen_nodes.json lacks."""
    lines = []
    for part in ("inputs", "outputs"):
        for name, entry in appended(frozen[part], found[part]).items():
            lines.append(f'{part}: "{name}": {json.dumps(entry)}')
    for name in frozen["inputs"].keys() & found["inputs"].keys():
        if frozen["inputs"][name] != found["inputs"][name]:
            lines.append(f'inputs: "{name}": {json.dumps(found["inputs"][name])}')
    return lines


def wider(key: str, before, now) -> bool:
    """Tell whether every value that a widget took, it still takes."""
    if before is None or now is None:
        return False
    if key == "options":
        return set(before) <= set(now)
    return (key == "min" and now < before) or (key == "max" and now > before)


def shifted(what: str, frozen: dict, found: dict) -> list[str]:
    """Return the first place at which `found` does not begin with the names of `frozen`."""
    for place, (before, now) in enumerate(zip_longest(frozen, list(found)[: len(frozen)])):
        if before != now:
            return [f"{what} {place + 1} was {before} and is {now}"]
    return []


def appended(frozen: dict, found: dict) -> dict:
    """Return the entries of `found` that `frozen` has not."""
    return {name: entry for name, entry in found.items() if name not in frozen}
