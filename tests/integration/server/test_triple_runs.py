"""Triples saved and read in a real server: what is not made twice, lists, and bad input."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from graphs import Graph, demo_models, node
from PIL import Image, ImageFilter

from any2any_core.triple_folder import folder_triples
from devtools.client import Client, NodeError
from devtools.comfyui import ROOT, Server
from devtools.demo import EXAMPLE

pytestmark = pytest.mark.server

SAVE = "Any2AnySaveTriple"
NEAR = ImageFilter.MaxFilter(9)
"""Within the 4 pixels by which the template widens the mask."""


def saving(folder: str, seed: int = 0, **changes) -> Graph:
    """Return a graph that inpaints the whole person, two steps long, and saves a triple."""
    inputs = {
        "target": ["person", 0],
        "garment": ["garment", 0],
        "person": ["decode", 0],
        "caption": ["words", 0],
        "folder": folder,
        "name": "",
        "task": "try-on",
    }
    return demo_models() | {
        "words": node("PrimitiveString", value="a person in a top"),
        "latent": node("VAEEncode", pixels=["person", 0], vae=["demo", 2]),
        "sample": node(
            "KSampler",
            model=["demo", 0],
            positive=["text", 0],
            negative=["text", 0],
            latent_image=["latent", 0],
            seed=seed,
            steps=2,
            cfg=1.0,
            sampler_name="euler",
            scheduler="simple",
            denoise=1.0,
        ),
        "decode": node("VAEDecode", samples=["sample", 0], vae=["demo", 2]),
        "triple": node(SAVE, **inputs | changes),
    }


def steps_of(client: Client, graph: Graph) -> int:
    """Run the graph; return how many steps were sampled."""
    steps: list[int] = []
    client.run(graph, lambda name, *_: steps.append(1) if name == "sample" else None)
    return len(steps)


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_triple_is_made_once(client: Client, server: Server):
    folder = server.base / "output" / "sets" / "once"
    assert steps_of(client, saving("sets/once")) > 0
    made = contents(folder)
    names = {Path(path).stem for path in made if path.endswith(".png")}
    assert len(made) == 4 and len(names) == 1
    assert steps_of(client, saving("sets/once", seed=1)) == 0
    assert contents(folder) == made

    lost = folder / "person" / f"{names.pop()}.png"
    lost.unlink()
    client.run(saving("sets/once"))
    assert {path: data for path, (data, _) in contents(folder).items()} == {
        path: data for path, (data, _) in made.items()
    }


def test_names_make_more_triples_of_the_same_photos(client: Client, server: Server):
    for number in (1, 2):
        assert steps_of(client, saving("sets/named", number, name=f"look {number}")) > 0
    lines = (server.base / "output/sets/named/captions.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"name": f"look {number}", "caption": "a person in a top", "task": "try-on"}
        for number in (1, 2)
    ]


def test_a_list_of_photos_makes_a_set_that_comes_back_as_lists(client: Client, server: Server):
    source = server.base / "input" / "worn"
    source.mkdir()
    for number, colour in enumerate(("red", "green", "blue")):
        Image.new("RGB", (64 + 16 * number, 96), colour).save(source / f"{number}.png")
    photos = node("LoadImageDataSetFromFolder", folder="worn")
    graph = {
        "photos": photos,
        "garment": node("LoadImage", image="any2any_garment.png"),
        "other": node("ImageInvert", image=["photos", 0]),
        "triple": node(
            SAVE,
            target=["photos", 0],
            garment=["garment", 0],
            person=["other", 0],
            caption="one of three",
            folder="sets/list",
            name="",
            task="try-on",
        ),
        "set": node(
            "Any2AnyLoadTriples",
            folder=["triple", 0],
            place="output",
            task="try-on",
            skip=0,
            most=0,
        ),
        "words": node("PreviewAny", source=["set", 3]),
    }
    for index, name in enumerate(("person", "garment", "target")):
        graph[name + " saved"] = node("SaveImage", images=["set", index], filename_prefix=name)
    outputs = client.run(graph)
    people, garments, targets = (
        [picture(client, image) for image in outputs[f"{name} saved"]["images"]]
        for name in ("person", "garment", "target")
    )
    assert sorted(one.shape for one in targets) == [(96, 64 + 16 * n, 3) for n in range(3)]
    assert all((one == 255 - other).all() for one, other in zip(people, targets))
    assert [one.shape for one in garments] == [(192, 144, 3)] * 3
    assert outputs["words"]["text"] == ["one of three"] * 3


def picture(client: Client, image: dict) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(client.picture(image))))


def test_the_template_makes_a_triple_of_a_paper_doll(client: Client, server: Server):
    """In four steps: other clothes inside the mask, and everything else the photo itself."""
    graph = json.loads((ROOT / "tests/prompts/demo_dataset_expansion.json").read_text())
    for one in graph.values():
        one["inputs"] |= {"steps": 4} if "steps" in one["inputs"] else {}
        one["inputs"] |= {"folder": "sets/doll"} if one["class_type"] == SAVE else {}
    client.run(graph)
    (triple,) = folder_triples(server.base / "output/sets/doll")
    person, garment, target = (np.asarray(one.opened(), dtype=int) for one in triple.pictures)
    worn = np.asarray(Image.open(EXAMPLE / "worn.png"), dtype=int)
    assert (target == worn[..., :3]).all()
    assert (garment == np.asarray(Image.open(EXAMPLE / "garment.png").convert("RGB"))).all()
    changed = np.abs(person - target).max(axis=-1) > 0
    near = np.asarray(Image.fromarray(worn[..., 3] < 255).convert("L").filter(NEAR)) > 0
    assert changed[worn[..., 3] == 0].mean() > 0.95
    assert not changed[~near].any()
    assert triple.caption.startswith("a woman")


BAD = {
    "a name with a folder": ({"name": "../a"}, "The triple's name is '../a'"),
    "a folder up": ({"folder": "../a"}, "The folder '../a' is not inside ComfyUI's output folder"),
    "a folder from the root": ({"folder": "/a"}, "The folder '/a' is not inside"),
    "a folder of Windows": ({"folder": "..\\a"}, "is not inside ComfyUI's output folder"),
    "no folder": ({"folder": ""}, "The folder '' is not inside"),
}


@pytest.mark.parametrize(("inputs", "words"), BAD.values(), ids=BAD)
def test_bad_input_shows_a_sentence_before_the_first_step(client: Client, inputs, words):
    steps: list[int] = []
    with pytest.raises(NodeError) as caught:
        client.run(saving(**{"folder": "sets/bad"} | inputs), lambda *_: steps.append(1))
    assert caught.value.node_type == SAVE
    assert words in caught.value.sentence
    assert steps == []


def test_every_fault_of_a_set_is_shown(client: Client, server: Server):
    folder = server.base / "input" / "broken"
    for panel in ("person", "garment", "target"):
        (folder / panel).mkdir(parents=True)
        Image.new("RGB", (48, 64)).save(folder / panel / "a.png")
    (folder / "person/a.png").write_bytes(b"half a picture")
    (folder / "captions.jsonl").write_text('{"name": "a", "words": "red"}\n')
    graph = {
        "set": node(
            "Any2AnyLoadTriples", folder="broken", place="input", task="try-on", skip=0, most=0
        ),
        "show": node("PreviewImage", images=["set", 2]),
    }
    with pytest.raises(NodeError) as caught:
        client.run(graph)
    assert "person/a.png cannot be read" in caught.value.sentence
    assert "captions.jsonl line 1: it has 'words'" in caught.value.sentence
