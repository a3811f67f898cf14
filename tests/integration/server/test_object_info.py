"""What the front end learns of our nodes from the server."""

from __future__ import annotations

import pytest

from devtools.comfyui import PACK

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def ours(client) -> dict[str, dict]:
    """Our nodes' entries of /object_info by their ids."""
    return {
        name: info
        for name, info in client.ask("/object_info").items()
        if info["python_module"] == f"custom_nodes.{PACK}"
    }


def test_the_server_has_all_our_nodes(ours, node_classes):
    assert sorted(ours) == sorted(node_classes)


def test_every_node_says_what_it_does(ours):
    assert [name for name, info in ours.items() if not info["description"].strip()] == []


def test_every_input_has_a_tooltip(ours):
    assert [
        f"{name}.{given}"
        for name, info in ours.items()
        for kind, inputs in info["input"].items()
        if kind != "hidden"  # what the server itself puts in
        for given, (_, *options) in inputs.items()
        if not (options and options[0].get("tooltip", "").strip())
    ] == []


def test_every_output_has_a_tooltip(ours):
    for name, info in ours.items():
        tooltips = info["output_tooltips"]
        assert len(tooltips) == len(info["output"]), name
        assert all(tooltip and tooltip.strip() for tooltip in tooltips), name
