"""What somebody sees who reads another language than English."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from front_end import FRAMES, READY, FrontEnd

from devtools.comfyui import ROOT
from devtools.words import words_in

pytestmark = [pytest.mark.browser, pytest.mark.server]

SCREENSHOTS = ROOT / "output" / "screenshots"

KEEPS_OUR_WORDS = (1, 34, 9)
"""Earlier front ends lose every pack's words when they load a language.

See github.com/Comfy-Org/ComfyUI_frontend, pull request 7214.
"""

SHOWN = """ids => Object.fromEntries(ids.map(id => {
    const node = LiteGraph.createNode(id);
    return [id, {
        display_name: node.title,
        inputs: Object.fromEntries(node.inputs.map(one => [one.name, one.localized_name])),
        outputs: node.outputs.map(one => one.localized_name),
    }];
}))"""

ALONE = f"""async id => {{
    app.graph.clear();
    const node = LiteGraph.createNode(id);
    node.pos = [900, 200];
    app.graph.add(node);
    app.canvas.ds.reset();
    app.canvas.selectNode(node);
    {FRAMES}
}}"""


@pytest.fixture(scope="module")
def korean(either_front_end: FrontEnd) -> Iterator[FrontEnd]:
    """The front end with Korean as its language."""
    speak(either_front_end, "ko")
    yield either_front_end
    speak(either_front_end, "en")


def test_every_node_input_and_output_has_its_korean_name(korean):
    if tuple(map(int, re.findall(r"\d+", korean.version)[:3])) < KEEPS_OUR_WORDS:
        pytest.skip(f"front end {korean.version} loses the words of every pack")
    words = {
        node_id: {
            "display_name": node["display_name"],
            "inputs": {given: one["name"] for given, one in node["inputs"].items()},
            "outputs": [one["name"] for one in node["outputs"].values()],
        }
        for node_id, node in words_in("ko").items()
    }
    assert korean.page.evaluate(SHOWN, list(words)) == words
    korean.page.evaluate(ALONE, "Any2AnySampler")
    screenshot(korean, "korean_node")


@pytest.mark.parametrize("node_id", ["AdaptivePositionPack", "Any2AnyRestore"])
def test_a_node_s_help_is_our_korean_page_with_its_picture(korean, node_id):
    korean.page.evaluate(ALONE, node_id)
    korean.page.get_by_test_id("info-button").click()
    title = words_in("ko")[node_id]["display_name"]
    korean.page.get_by_role("heading", name=title, level=1).wait_for()
    korean.page.wait_for_function(
        """() => [...document.images].some(
            one => one.src.includes('/docs/pictures/') && one.naturalWidth > 100)"""
    )
    screenshot(korean, f"korean_help_{node_id}")


def speak(front_end: FrontEnd, language: str) -> None:
    """Set the front end's language and load it anew, as choosing it in the settings does."""
    front_end.page.evaluate(
        "async language => app.extensionManager.setting.set('Comfy.Locale', language)", language
    )
    front_end.page.reload()
    front_end.page.wait_for_function(READY)


def screenshot(front_end: FrontEnd, name: str) -> None:
    path = SCREENSHOTS / front_end.version / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    front_end.page.screenshot(path=path)
