"""Any2AnyLookbook in a real server: its pairs by hand, and what is not made a second time."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from graphs import Graph, demo_models, node, try_on
from PIL import Image

from devtools.client import CancelledError, Client, NodeError
from devtools.comfyui import ROOT, Server, running_server
from devtools.demo import put_demo_files

pytestmark = pytest.mark.server

MODEL, VAE = ["demo", 0], ["demo", 2]
WIDTH, HEIGHT, STEPS = 144, 192, 2
LORAS = ROOT / "demo" / "loras"

PEOPLE = [["person", 0], ["mirrored", 0], ["turned", 0]]
GARMENTS = [["garment", 0], ["inverted", 0], ["red", 0], ["blue", 0]]


def photos() -> Graph:
    """Return the demo's nodes, three people and four garments, alone and in batches of 2 to 4."""
    graph = demo_models() | {
        "mirrored": node("ImageFlip", image=["person", 0], flip_method="y-axis: horizontally"),
        "turned": node("ImageFlip", image=["person", 0], flip_method="x-axis: vertically"),
        "inverted": node("ImageInvert", image=["garment", 0]),
    }
    for name, color in {"red": 0xD02030, "blue": 0x2030D0}.items():
        graph[name] = node("EmptyImage", width=144, height=192, batch_size=1, color=color)
    for kind, links in {"people": PEOPLE, "garments": GARMENTS}.items():
        before = links[0]
        for number, link in enumerate(links[1:], 2):
            graph[f"{number} {kind}"] = node("ImageBatch", image1=before, image2=link)
            before = [f"{number} {kind}", 0]
    return graph


def lookbook(folder: str, people: list, garments: list, **changes) -> Graph:
    """Return a lookbook that saves under `folder`, and what it gives saved once more."""
    inputs = {
        "model": MODEL,
        "positive": ["text", 0],
        "vae": VAE,
        "people": people,
        "garments": garments,
        "pairs": "all",
        "width": WIDTH,
        "height": HEIGHT,
        "seed": 0,
        "steps": STEPS,
        "cfg": 1.0,
        "sampler_name": "euler",
        "filename_prefix": f"{folder}/look",
    }
    return photos() | {
        "book": node("Any2AnyLookbook", **inputs | changes),
        "save": node("SaveImage", images=["book", 0], filename_prefix="given"),
    }


def by_hand(client: Client, person: list, garment: list, encode: str = "together") -> np.ndarray:
    graph = try_on(MODEL, VAE, WIDTH, HEIGHT, steps=STEPS, person=person, garment=garment)
    graph["encode"]["inputs"]["encode"] = encode
    (picture,) = pictures(client, client.run(photos() | graph)["save"]["images"])
    return picture


def pictures(client: Client, images: list[dict]) -> list[np.ndarray]:
    return [np.asarray(Image.open(io.BytesIO(client.picture(image)))) for image in images]


def files(server: Server, folder: str) -> dict[str, Path]:
    """Return the files in a folder of the server's output by their pairs."""
    paths = sorted((server.base / "output" / folder).iterdir())
    matches = [re.fullmatch(r"look_(p\d\d_g\d\d)_[0-9a-f]{16}\.png", path.name) for path in paths]
    assert all(matches), paths
    return {match[1]: path for match, path in zip(matches, paths)}


def bytes_of(paths: dict[str, Path]) -> dict[str, tuple[bytes, int]]:
    """Return each file's bytes and the time of its writing."""
    return {pair: (path.read_bytes(), path.stat().st_mtime_ns) for pair, path in paths.items()}


def sampled(client: Client, graph: Graph, on_sample: Callable = lambda _pair: None) -> list[str]:
    """Run the graph; return the pairs that were sampled, in order."""
    pairs: list[str] = []

    def note(name: str, _step: int, _steps: int) -> None:
        _, sampling, pair = name.partition("sample_")
        if sampling:
            if pair not in pairs:
                pairs.append(pair)
            on_sample(pair)

    try:
        client.run(graph, note)
    except CancelledError:
        pairs.append("cancelled")
    return pairs


ALL_OF_TWO = {
    "p01_g01": (PEOPLE[0], GARMENTS[0]),
    "p01_g02": (PEOPLE[0], GARMENTS[1]),
    "p02_g01": (PEOPLE[1], GARMENTS[0]),
    "p02_g02": (PEOPLE[1], GARMENTS[1]),
}


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param("all", ALL_OF_TWO, id="2x2"),
        pytest.param(
            "one to one",
            {pair: ALL_OF_TWO[pair] for pair in ("p01_g01", "p02_g02")},
            id="one to one",
        ),
    ],
)
def test_a_lookbook_is_its_pairs_by_hand(client, server, pairs, expected):
    folder = f"by hand/{pairs}"
    graph = lookbook(folder, ["2 people", 0], ["2 garments", 0], pairs=pairs)
    shown: list[str] = []

    def note(event: dict) -> None:
        if event["display_node"] == "book":
            images = (event.get("output") or {}).get("images", [])
            shown.extend(f"{image['subfolder']}/{image['filename']}" for image in images)

    outputs = client.run(graph, on_executed=note)

    kept = files(server, folder)
    assert list(kept) == list(expected)
    assert shown == [f"{folder}/{path.name}" for path in kept.values()]
    given = pictures(client, outputs["save"]["images"])
    for (pair, links), picture in zip(expected.items(), given):
        hand = by_hand(client, *links)
        assert (picture == hand).all(), pair
        assert (np.asarray(Image.open(kept[pair])) == hand).all(), pair
        prompt = json.loads(Image.open(kept[pair]).text["prompt"])
        assert prompt["book"]["class_type"] == "Any2AnyLookbook"


def test_encoded_separately_it_is_its_pairs_by_hand(client, server):
    """Every photo is encoded once, so nothing encodes in the subgraph."""
    folder = "separately"
    graph = lookbook(folder, ["2 people", 0], ["2 garments", 0])
    together = client.run(graph)
    graph["book"]["inputs"]["encode"] = "separately"
    outputs = client.run(graph)
    given = pictures(client, outputs["save"]["images"])
    for links, picture in zip(ALL_OF_TWO.values(), given, strict=True):
        assert (picture == by_hand(client, *links, encode="separately")).all()
    assert len(list((server.base / "output" / folder).iterdir())) == 8
    other = pictures(client, together["save"]["images"])
    assert any((one != two).any() for one, two in zip(other, given))


def test_a_list_of_any_sizes_comes_back_in_their_sizes(client, server):
    """A folder of photos, as its loader gives them: a list, no two of one size."""
    source = server.base / "input" / "people"
    source.mkdir()
    for size in ((144, 192), (200, 150), (90, 160)):
        Image.new("RGB", size, "gray").save(source / f"{size[0]}.png")
    graph = lookbook("sizes", ["folder", 0], ["six", 0], width=64, height=64, steps=1) | {
        "folder": node("LoadImageDataSetFromFolder", folder="people"),
        "six": node("RepeatImageBatch", image=["garment", 0], amount=6),
        "save people": node("SaveImage", images=["folder", 0], filename_prefix="people"),
    }
    outputs = client.run(graph)
    people, given = (
        [picture.shape for picture in pictures(client, outputs[name]["images"])]
        for name in ("save people", "save")
    )
    assert len(people) == 3
    assert given == [shape for shape in people for _ in range(6)]


def test_a_cancelled_lookbook_keeps_what_is_done_and_continues(client, server, tmp_path):
    """In this very server, and in one that was started anew."""
    graph = lookbook("cancelled", ["3 people", 0], ["4 garments", 0])
    every = [f"p{p:02}_g{g:02}" for p in (1, 2, 3) for g in (1, 2, 3, 4)]

    def cancel_at(last: str) -> Callable[[str], None]:
        return lambda pair: client.interrupt() if pair == last else None

    def run_until(last: str) -> tuple[list[str], dict[str, tuple[bytes, int]]]:
        begun = sampled(client, graph, cancel_at(last))
        assert begun.pop() == "cancelled"
        assert begun[-1] == last
        return begun, bytes_of(files(server, "cancelled"))

    begun, done = run_until("p01_g03")
    assert list(done) == every[:2]
    assert begun == every[:3]

    begun, more = run_until("p02_g03")
    assert begun == every[2:7]
    assert list(more) == every[:6]
    assert done.items() <= more.items()

    put_demo_files(tmp_path)
    shutil.copytree(server.base / "output" / "cancelled", tmp_path / "output" / "cancelled")
    with running_server(tmp_path) as anew:
        assert sampled(Client(anew.url), graph) == every[6:]
        assert list(files(anew, "cancelled")) == every

    assert sampled(client, graph) == every[6:]
    rest = bytes_of(files(server, "cancelled"))
    assert list(rest) == every
    assert more.items() <= rest.items()


def test_a_damaged_picture_is_made_again_and_no_other(client, server):
    graph = lookbook("damaged", ["2 people", 0], ["2 garments", 0])
    assert sampled(client, graph) == list(ALL_OF_TWO)
    assert sampled(client, graph) == []
    paths = files(server, "damaged")
    before = bytes_of(paths)
    pixels = {pair: np.asarray(Image.open(path)) for pair, path in paths.items()}

    paths["p01_g02"].write_bytes(before["p01_g02"][0][:-100])
    paths["p02_g01"].unlink()
    assert sampled(client, graph) == ["p01_g02", "p02_g01"]
    again = files(server, "damaged")
    assert again == paths
    assert all((np.asarray(Image.open(again[pair])) == pixels[pair]).all() for pair in pixels)
    after = bytes_of(again)
    assert [pair for pair in before if after[pair] == before[pair]] == ["p01_g01", "p02_g02"]


CHANGES = {
    "seed": ({"seed": 1}, {}),
    "steps": ({"steps": STEPS + 1}, {}),
    "size": ({"width": WIDTH - 16}, {}),
    "prompt": (
        {},
        {"text": node("CLIPTextEncode", clip=["demo", 1], text="a person in a blue top")},
    ),
    "model": (
        {"model": ["lora", 0]},
        {
            "lora": node(
                "LoadTryonLoRA",
                model=["demo", 0],
                lora_name="any2any_demo_tryon.safetensors",
                strength=0.5,
            )
        },
    ),
    "person": ({"people": ["mirrored", 0]}, {}),
    "garment": ({"garments": ["red", 0]}, {}),
}


@pytest.mark.parametrize(("inputs", "more"), CHANGES.values(), ids=CHANGES)
def test_any_change_makes_new_pictures_beside_the_old(client, server, request, inputs, more):
    folder = f"changes/{request.node.callspec.id}"
    before, after = (
        lookbook(folder, ["person", 0], ["garment", 0]),
        lookbook(folder, **{"people": ["person", 0], "garments": ["garment", 0]} | inputs) | more,
    )
    assert sampled(client, before) == ["p01_g01"]
    assert sampled(client, after) == ["p01_g01"]
    assert len(list((server.base / "output" / folder).iterdir())) == 2
    assert sampled(client, before) == []


def test_a_lora_trained_anew_under_its_name_makes_new_pictures(client, server):
    mine = server.base / "models" / "loras" / "mine.safetensors"
    mine.parent.mkdir(parents=True, exist_ok=True)
    graph = lookbook("anew", ["person", 0], ["garment", 0], model=["lora", 0]) | {
        "lora": node("LoadTryonLoRA", model=["demo", 0], lora_name=mine.name, strength=1.0),
        "report": node("PreviewAny", source=["lora", 1]),
    }
    for number, trained in enumerate(("tryon", "alltasks"), 1):
        shutil.copyfile(LORAS / f"any2any_demo_{trained}.safetensors", mine)
        assert sampled(client, graph) == ["p01_g01"]
        assert len(list((server.base / "output" / "anew").iterdir())) == number
        assert sampled(client, graph) == []


BAD = {
    "a prefix that leaves the output folder": (
        {"filename_prefix": "../elsewhere/look"},
        {},
        "leaves ComfyUI's output folder",
    ),
    "an absolute prefix": ({"filename_prefix": "/tmp/look"}, {}, "leaves ComfyUI's output folder"),
    "one to one of two and three": (
        {"pairs": "one to one"},
        {},
        "people has 2 pictures and garments has 3",
    ),
    "a last garment ten times as wide as high": (
        {"garments": ["long", 0]},
        {"long": node("EmptyImage", width=1000, height=100, batch_size=3, color=0)},
        "The garment 1 picture is 1000x100",
    ),
    "a seed for each person": (
        {"seed": ["size", 0]},
        {
            "list": node("RebatchImages", images=["2 people", 0], batch_size=1),
            "size": node("GetImageSize", image=["list", 0]),
        },
        "seed is a list of 2",
    ),
}


@pytest.mark.parametrize(("inputs", "more", "words"), BAD.values(), ids=BAD)
def test_bad_input_shows_a_sentence_before_the_first_pair(client, inputs, more, words):
    steps: list[int] = []
    given = {"people": ["2 people", 0], "garments": ["3 garments", 0]} | inputs
    with pytest.raises(NodeError) as caught:
        client.run(lookbook("bad", **given) | more, lambda *_: steps.append(1))
    assert caught.value.node_type == "Any2AnyLookbook"
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    assert steps == []
