"""A template in Nodes 2.0, whose nodes are parts of the page and not of a canvas."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from conftest import opened
from front_end import RUN_SECONDS, FrontEnd

from devtools.comfyui import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.server]

SETTING = "Comfy.VueNodes.Enabled"
FILE = ROOT / "workflows" / "demo_tryon.json"
SCREENSHOTS = ROOT / "output" / "screenshots"

WIDE = {"width": 4800, "height": 2200}
"""A window in which the whole template is large enough to be drawn with its words."""

WORDS = ["trim_garments", "clean_conditions", "noise", "mask_from_change", "strength"]
"""Widgets of five of our nodes."""

TEXTS = """() => Object.fromEntries([...document.querySelectorAll('[data-node-id]')].map(
    node => [node.dataset.nodeId, node.innerText]))"""

DRAWN = f"""([ids, words]) => {{
    const texts = ({TEXTS})();
    return ids.every(id => texts[id])
        && words.every(word => Object.values(texts).join(' ').includes(word));
}}"""

SHOWN = """id => document.querySelector('[role=dialog]') ||
    document.querySelector(`[data-node-id="${id}"] img`)?.naturalWidth"""


@pytest.fixture(scope="module")
def front_end(browser, either_client) -> Iterator[FrontEnd]:
    either_client.ask("/settings", {SETTING: True})
    with opened(browser, either_client) as front_end:
        yield front_end
    either_client.ask("/settings", {SETTING: False})


@pytest.fixture(scope="module")
def workflow() -> dict:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_every_node_is_drawn_with_its_widgets(front_end, workflow):
    front_end.page.set_viewport_size(WIDE)
    front_end.open(workflow)
    front_end.show_whole()
    ids = [str(node["id"]) for node in workflow["nodes"]]
    front_end.page.wait_for_function(DRAWN, arg=[ids, WORDS])
    assert front_end.pack_errors == []


def test_the_run_button_makes_its_picture(front_end):
    (save,) = (node.id for node in front_end.nodes() if node.type == "SaveImage")
    front_end.press_run()
    try:
        front_end.page.wait_for_function(SHOWN, arg=save, timeout=RUN_SECONDS * 1000)
    finally:
        front_end.screenshot(SCREENSHOTS / front_end.version / "nodes_2.png")
    assert front_end.dialogs() == []
    assert front_end.pack_errors == []
