"""Every workflow that ships, opened in the real front end."""

from __future__ import annotations

import itertools
import json

import pytest

from devtools.comfyui import ROOT
from devtools.workflow import api_prompt

pytestmark = [pytest.mark.browser, pytest.mark.server]

FILES = sorted((ROOT / "workflows").glob("*.json"))


@pytest.fixture(scope="module", params=FILES, ids=[file.stem for file in FILES])
def workflow(request, front_end) -> dict:
    """A workflow's JSON, open in the front end."""
    read = json.loads(request.param.read_text(encoding="utf-8"))
    front_end.open(read)
    return read


def test_it_opens_without_a_red_node(workflow, front_end):
    nodes = front_end.nodes()
    assert sorted(node.id for node in nodes) == sorted(str(one["id"]) for one in workflow["nodes"])
    assert [node.type for node in nodes if not node.registered] == []
    assert [node.type for node in nodes if node.red and not node.lacks_file] == []
    assert front_end.dialogs() == []
    assert front_end.pack_errors == []


def test_it_sends_what_was_saved(workflow, front_end, client):
    """And the demo command, which has no front end, sends the same."""
    object_info = client.ask("/object_info")
    assert sent(front_end.api_prompt(), object_info) == sent(
        api_prompt(workflow, object_info), object_info
    )


def test_nothing_overlaps(workflow, front_end):
    nodes, groups = front_end.nodes(), front_end.groups()
    on_each_other = [
        (one.id, other.id)
        for one, other in itertools.combinations(nodes, 2)
        if one.box.touches(other.box)
    ]
    half_in_a_group = [
        (node.id, title)
        for node, (title, box) in itertools.product(nodes, groups.items())
        if box.touches(node.box) and not box.holds(node.box)
    ]
    assert on_each_other == half_in_a_group == []


def test_an_unknown_node_is_red_and_told(front_end):
    """So that the first test can fail."""
    broken = json.loads(FILES[0].read_text(encoding="utf-8"))
    broken["nodes"][-1]["type"] = "NoSuchNode"
    front_end.open(broken)
    assert [node.type for node in front_end.nodes() if not node.registered] == ["NoSuchNode"]
    assert [node.type for node in front_end.nodes() if node.red] == ["NoSuchNode"]
    front_end.wait_for_text("NoSuchNode")


def sent(prompt: dict, object_info: dict) -> dict:
    """Return the prompt as the server uses it.

    That is without titles, and without the inputs that a node does not declare: some widgets are
    the front end's alone, such as PreviewAny's text.
    """
    used = {}
    for key, node in prompt.items():
        order = object_info[node["class_type"]]["input_order"]
        declared = {name for names in order.values() for name in names}
        inputs = {name: value for name, value in node["inputs"].items() if name in declared}
        used[key] = {"class_type": node["class_type"], "inputs": inputs}
    return used
