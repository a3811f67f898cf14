"""FLUX.1-dev's templates in a real server, with the demo's models, smaller and in fewer steps."""

from __future__ import annotations

import io
import json
import shutil
import urllib.request

import numpy as np
import pytest
from graphs import Graph, node
from PIL import Image

from devtools.comfyui import PACK, ROOT
from devtools.demo import EXAMPLE, put_test_set
from devtools.templates.thumbnails import SAVING

pytestmark = pytest.mark.server

PROMPTS = ROOT / "tests" / "prompts"
FLUX = [path for path in sorted(PROMPTS.glob("*.json")) if not path.stem.startswith("demo_")]

LOADERS = {"UNETLoader": 0, "DualCLIPLoader": 1, "VAELoader": 2}
"""And which of LoadAny2AnyDemo's outputs stands in for each."""

SMALL = {
    **{"width": 144, "height": 192, "max_side": 192, "min_side": 144, "steps": 2},
    "lora_name": "any2any_demo_tryon.safetensors",
    "folder": "any2any/flux_triples",
}
PICTURE = "example.png"
"""What LoadImage shows in them: ComfyUI brings it along. Here it has a mask too."""

SIZE, SIZES = (
    (144, 192),
    {
        "tryon_hires": (432, 576),
        "lookbook": (1000, 992),
        "dataset_expansion": (504, 336),
    },
)
"""Of the saved pictures, in pixels."""


@pytest.fixture(scope="module", autouse=True)
def picture(server) -> None:
    shutil.copyfile(EXAMPLE / "worn.png", server.base / "input" / PICTURE)
    put_test_set(server.base / "input" / "vitonhd")


def test_the_template_browser_lists_them_with_their_pictures(client):
    listed = client.ask("/workflow_templates")[PACK]
    assert sorted(listed) == sorted(path.stem for path in PROMPTS.glob("*.json"))
    url = f"{client.url}/api/workflow_templates/{PACK}/{listed[0]}.jpg"
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert Image.open(answer).format == "JPEG"


@pytest.mark.parametrize("path", FLUX, ids=[path.stem for path in FLUX])
def test_it_runs_on_the_demo_model(path, client):
    graph = on_the_demo_model(json.loads(path.read_text(encoding="utf-8")))
    outputs = client.run(graph)
    (save,) = (key for key, one in graph.items() if one["class_type"] in SAVING)
    (saved,) = outputs[save]["images"]
    picture = Image.open(io.BytesIO(client.picture(saved)))
    assert picture.size == SIZES.get(path.stem, SIZE)
    assert np.asarray(picture).std() > 1


def on_the_demo_model(prompt: dict) -> Graph:
    """Return the prompt with the demo's models for FLUX.1-dev's, small and short."""
    stands_in = {
        key: ["demo", LOADERS[one["class_type"]]]
        for key, one in prompt.items()
        if one["class_type"] in LOADERS
    }

    def swapped(name: str, given):
        if isinstance(given, list):
            return stands_in.get(given[0], given)
        return SMALL.get(name, given)

    graph = {"demo": node("LoadAny2AnyDemo")}
    for key in prompt.keys() - stands_in.keys():
        inputs = {name: swapped(name, given) for name, given in prompt[key]["inputs"].items()}
        graph[key] = node(prompt[key]["class_type"], **inputs)
    return graph
