"""Every workflow that ships, opened in the real front end."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from front_end import FrontEnd, Node

from devtools.comfyui import ROOT
from devtools.workflow import api_prompt

pytestmark = [pytest.mark.browser, pytest.mark.server]

WORKFLOWS, PROMPTS = ROOT / "workflows", ROOT / "tests" / "prompts"
FILES = sorted(WORKFLOWS.glob("*.json"))
SCREENSHOTS = ROOT / "output" / "screenshots"

SOON = ("demo_tryon", "demo_worn_reference")
DEMOS = [
    pytest.param(file, id=file.stem, marks=() if file.stem in SOON else pytest.mark.slow)
    for file in FILES
    if file.stem.startswith("demo_")
]


@pytest.fixture(scope="module")
def front_end(either_front_end) -> FrontEnd:
    return either_front_end


@pytest.fixture(scope="module", params=FILES, ids=[file.stem for file in FILES])
def name(request, front_end) -> str:
    """The name of a workflow that is open in the front end."""
    front_end.open(read(request.param))
    return request.param.stem


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_it_opens_without_a_missing_node(name, front_end):
    nodes, saved = front_end.nodes(), read(WORKFLOWS / f"{name}.json")
    assert sorted(node.id for node in nodes) == sorted(str(one["id"]) for one in saved["nodes"])
    assert [node.type for node in nodes if not node.registered] == []
    assert wrong(nodes) == []
    assert front_end.dialogs() == []
    assert front_end.pack_errors == []


def test_it_sends_what_is_kept(name, front_end):
    """And so does the demo command, which has no front end."""
    object_info = front_end.client.ask("/object_info")
    kept = sent(read(PROMPTS / f"{name}.json"), object_info)
    assert sent(front_end.api_prompt(), object_info) == kept
    saved = read(WORKFLOWS / f"{name}.json")
    assert sent(api_prompt(saved, object_info), object_info) == kept


def test_nothing_overlaps(name, front_end):
    assert overlaps(front_end) == []


def wrong(nodes: list[Node]) -> list[str]:
    """Return the types of red nodes, but for those that lack no more than a file."""
    return [node.type for node in nodes if node.red and not node.lacks_file]


def overlaps(front_end: FrontEnd) -> list[tuple[str, str]]:
    """Return the types of nodes that lie on each other, and of those half outside a group."""
    nodes, groups = front_end.nodes(), front_end.groups()
    return [
        (one.type, other.type)
        for one, other in itertools.combinations(nodes, 2)
        if one.box.touches(other.box)
    ] + [
        (node.type, title)
        for node, (title, box) in itertools.product(nodes, groups.items())
        if box.touches(node.box) and not box.holds(node.box)
    ]


@pytest.mark.parametrize("file", DEMOS)
def test_the_run_button_makes_its_pictures(file, front_end):
    front_end.open(read(file))
    front_end.show_whole()
    front_end.press_run()
    try:
        front_end.wait_for_pictures()
    finally:
        front_end.screenshot(SCREENSHOTS / front_end.version / f"{file.stem}.png")
    assert front_end.dialogs() == []
    assert overlaps(front_end) == []  # nodes that show pictures may grow


def test_an_unknown_node_is_red_and_told(front_end):
    """So that the first test can fail; where files are missing too, newer front ends mark those."""
    broken = read(WORKFLOWS / "demo_tryon.json")
    broken["nodes"][-1]["type"] = "NoSuchNode"
    front_end.open(broken)
    assert [node.type for node in front_end.nodes() if not node.registered] == ["NoSuchNode"]
    front_end.wait_for_text("NoSuchNode")
    assert wrong(front_end.nodes()) == ["NoSuchNode"]


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
