"""The front end in a browser's page, as far as the tests talk to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devtools.client import Client
from devtools.comfyui import PACK

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

SECONDS = 120
"""How long the page may take for anything, on a busy computer."""

RUN_SECONDS = 300
"""How long a run of the demo model may take there."""

SETTINGS = {
    "Comfy.TutorialCompleted": True,
    # Nobody who runs tests has FLUX.1 in the test's own folders.
    "Comfy.Workflow.ShowMissingModelsWarning": False,
}

# A workflow opened earlier would be replaced by the empty one that the front end starts with.
READY = "() => Boolean(window.app?.extensionManager?.workflow?.activeWorkflow)"

DETAILS = "View details"
"""The newer front ends' button beside "errors found"; the older ones have a dialog at once."""

# Two frames later everything is laid out, and dialogs are up.
FRAMES = "await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));"

NODES = """() => app.graph.nodes.map(node => ({
    id: String(node.id),
    type: node.type,
    registered: node.type in LiteGraph.registered_node_types,
    red: Boolean(node.has_errors),
    lacks_file: (node.widgets ?? []).some(
        widget => widget.type === "combo" && !widget.options.values.includes(widget.value)),
    box: [...node.getBounding()],
}))"""

SHAPE = """type => {
    const node = LiteGraph.createNode(type);
    app.graph.add(node);
    const saved = node.serialize();
    const widgets = (node.widgets ?? []).filter(widget => widget.serialize !== false);
    const slot = ({name, type, widget, shape}) => ({
        name, type, ...(widget && {widget: {name: widget.name}}), ...(shape && {shape}),
    });
    const shape = {
        inputs: (saved.inputs ?? []).map(slot),
        outputs: (saved.outputs ?? []).map(slot),
        widgets: Object.fromEntries(widgets.map(widget => [widget.name, widget.value])),
        unsent: widgets.filter(widget => widget.options?.serialize === false)
            .map(widget => widget.name),
        size: [...node.computeSize()].map(Math.ceil),
    };
    app.graph.remove(node);
    return shape;
}"""

SAVED = """() => app.graph.nodes.filter(
    node => ['SaveImage', 'Any2AnySaveResult'].includes(node.type)
).map(
    node => (node.imgs ?? []).map(image => [image.naturalWidth, image.naturalHeight]))"""

# All of the workflow on the page, its names and values drawn however small they are.
WHOLE = """() => {
    const canvas = app.canvas;
    const boxes = [...app.graph.groups, ...app.graph.nodes].map(one => one.getBounding());
    const left = Math.min(...boxes.map(box => box[0]));
    const top = Math.min(...boxes.map(box => box[1])) - 100;
    const width = Math.max(...boxes.map(box => box[0] + box[2])) - left;
    const height = Math.max(...boxes.map(box => box[1] + box[3])) - top;
    const scale = Math.min(innerWidth * 0.94 / width, innerHeight * 0.8 / height);
    canvas.low_quality_zoom_threshold = canvas.min_font_size_for_lod = 0;
    canvas.ds.scale = scale;
    canvas.ds.offset = [80 / scale - left, 140 / scale - top];
    canvas.setDirty(true, true);
}"""

WIDGETS = """id => Object.fromEntries(
    app.graph.getNodeById(id).widgets.map(widget => [widget.name, widget.value]))"""

GROUPS = (
    "() => app.graph.groups.map(group => ({title: group.title, box: [...group.getBounding()]}))"
)


@dataclass(frozen=True)
class Box:
    """Where something lies on the canvas, a node's title included."""

    left: float
    top: float
    width: float
    height: float

    def touches(self, other: Box) -> bool:
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.left + other.width <= self.left + self.width
            and other.top + other.height <= self.top + self.height
        )


@dataclass(frozen=True)
class Node:
    """A node on the canvas.

    It is red where the front end does not know its type; in newer ones also where a file is not
    there that one of its lists is set to.
    """

    id: str
    type: str
    registered: bool
    red: bool
    lacks_file: bool
    box: Box


class FrontEnd:
    """A page with the front end, ready to open workflows."""

    def __init__(self, page: Page, client: Client) -> None:
        self.page = page
        self.client = client
        self.pack_errors: list[str] = []
        """The console's errors about our files; the front end logs 404s of its own."""
        page.set_default_timeout(SECONDS * 1000)
        page.on("console", self.keep_error)
        page.goto(client.url)
        page.wait_for_function(READY)
        self.version: str = page.evaluate("() => window.__COMFYUI_FRONTEND_VERSION__ ?? 'unknown'")

    def keep_error(self, message: ConsoleMessage) -> None:
        said = f"{message.text} ({message.location.get('url')})"
        if message.type == "error" and f"/extensions/{PACK}" in said:
            self.pack_errors.append(said)

    def open(self, workflow: dict) -> None:
        """Open a saved workflow, as dropping its file on the canvas does."""
        self.close_dialog()
        self.page.evaluate(
            f"async workflow => {{ await app.loadGraphData(workflow); {FRAMES} }}", workflow
        )

    def open_prompt(self, prompt: dict) -> None:
        """Open a workflow in API form."""
        self.close_dialog()
        self.page.evaluate(
            f"async prompt => {{ await app.loadApiJson(prompt, 'test'); {FRAMES} }}", prompt
        )

    def nodes(self) -> list[Node]:
        return [Node(**{**node, "box": Box(*node["box"])}) for node in self.page.evaluate(NODES)]

    def groups(self) -> dict[str, Box]:
        """Return each group's box by its title."""
        return {group["title"]: Box(*group["box"]) for group in self.page.evaluate(GROUPS)}

    def shape(self, node_type: str) -> dict[str, Any]:
        """Return a fresh node's slots, widgets and smallest size."""
        return self.page.evaluate(SHAPE, node_type)

    def widgets(self, node_id: str) -> dict[str, Any]:
        """Return the values of a node's widgets by name."""
        return self.page.evaluate(WIDGETS, node_id)

    def add_by_search(self, words: str) -> None:
        """Add the first node that the search box finds, as somebody does who double-clicks."""
        before = len(self.nodes())
        self.page.mouse.dblclick(900, 600)
        self.page.keyboard.type(words, delay=50)
        self.page.get_by_role("option").first.wait_for()
        self.page.keyboard.press("Enter")
        self.page.wait_for_function("count => app.graph.nodes.length > count", arg=before)

    def dialogs(self) -> list[str]:
        """Return the texts of the dialogs on the page."""
        return self.page.locator("[role=dialog]").all_inner_texts()

    def close_dialog(self) -> None:
        """Close what is open: while one error is shown, the front end shows no other."""
        if self.dialogs():
            self.page.keyboard.press("Escape")
            self.page.locator("[role=dialog]").first.wait_for(state="hidden")

    def api_prompt(self) -> dict[str, dict[str, Any]]:
        """Return what the Run button would send."""
        return self.page.evaluate("async () => (await app.graphToPrompt()).output")

    def disconnect(self, node_type: str, *inputs: str) -> None:
        """Take the links off these inputs of the node of that type."""
        self.page.evaluate(
            """([type, inputs]) => {
                const node = app.graph.nodes.find(node => node.type === type);
                for (const name of inputs) node.disconnectInput(node.findInputSlot(name));
            }""",
            [node_type, inputs],
        )

    def run(self) -> None:
        """Queue the open workflow; return once the server has it."""
        self.page.evaluate("async () => { await app.queuePrompt(0); }")

    def press_run(self) -> None:
        """Press the page's own Run button."""
        self.page.get_by_role("button", name="Run", exact=True).first.click()

    def wait_for_pictures(self) -> None:
        """Return once every saving node shows one, or a dialog says why not."""
        self.page.wait_for_function(
            f"""() => document.querySelector('[role=dialog]') ||
                ({SAVED})().every(sizes => sizes.length && sizes.every(([width]) => width > 0))""",
            timeout=RUN_SECONDS * 1000,
        )

    def show_whole(self) -> None:
        """Bring the whole workflow into view; a node out of view loads no picture."""
        self.page.evaluate(WHOLE)

    def screenshot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.evaluate(f"async () => {{ {FRAMES} }}")
        self.page.screenshot(path=path)

    def wait_for_text(self, text: str) -> None:
        """Return once the page shows the text, at once or behind its button for errors."""
        shown = self.page.get_by_text(text)
        details = self.page.get_by_role("button", name=DETAILS)
        shown.or_(details).first.wait_for()
        if not shown.count():
            details.first.click()
        shown.first.wait_for()

    def failed_node_type(self) -> str | None:
        """Return the type of the node that is framed as the one that failed."""
        return self.page.evaluate("() => app.lastExecutionError?.node_type ?? null")
