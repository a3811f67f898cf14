"""A test set made pair by pair in a real server: every run the next one, and none twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from graphs import Graph, node
from PIL import Image

from devtools.client import Client, NodeError
from devtools.demo import put_test_set

pytestmark = pytest.mark.server


@pytest.fixture
def folder(request, server) -> str:
    """The test's own set in the server's input folder; its results have the same name."""
    name = request.node.name.partition("[")[0]
    put_test_set(server.base / "input" / name)
    return name


def inverting(folder: str, **changes) -> Graph:
    """Return a graph whose result is the garment, inverted."""
    inputs = {
        "pairs_file": f"{folder}/test_pairs.txt",
        "people_folder": f"{folder}/test/image",
        "garments_folder": f"{folder}/test/cloth",
        "results_folder": folder,
        "own_garments": False,
        "count": 1,
    }
    return {
        "pairs": node("Any2AnyLoadPairs", **inputs | changes),
        "invert": node("ImageInvert", image=["pairs", 1]),
        "save": node("Any2AnySaveResult", image=["invert", 0], file=["pairs", 3]),
        "report": node("PreviewAny", source=["pairs", 4]),
    }


def said(client: Client, graph: Graph) -> str:
    with pytest.raises(NodeError) as error:
        client.run(graph)
    return str(error.value)


def levels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"), int)


def assert_inverted(made: Path, garment: Path) -> None:
    """But for the last level: saving cuts off what is behind the point, as SaveImage does."""
    assert abs(255 - levels(garment) - levels(made)).max() <= 1


def test_every_run_makes_the_next_pair(client, server, folder):
    results = server.base / "output" / folder
    shown = client.run(inverting(folder))
    assert shown["save"]["images"][0]["filename"] == "00001_00.png"
    assert shown["report"]["text"] == ["0 of 2 are done; now 00001_00"]
    client.run(inverting(folder))
    assert sorted(path.name for path in results.iterdir()) == ["00001_00.png", "00002_00.png"]
    for path in results.iterdir():
        assert_inverted(path, server.base / "input" / folder / "test" / "cloth" / path.name)
    assert "nothing left to make" in said(client, inverting(folder))

    (results / "00001_00.png").unlink()
    client.run(inverting(folder))
    assert (results / "00001_00.png").is_file()


def test_several_pairs_in_a_run(client, server, folder):
    shown = client.run(inverting(folder, count=64))
    assert [one["filename"] for one in shown["save"]["images"]] == ["00001_00.png", "00002_00.png"]


def test_everybody_in_their_own_garment(client, server, folder):
    (server.base / "input" / folder / "test_pairs.txt").write_text("00002_00.png 00001_00.png")
    client.run(inverting(folder, own_garments=True))
    made = server.base / "output" / folder / "00002_00.png"
    assert_inverted(made, server.base / "input" / folder / "test" / "cloth" / "00002_00.png")


def test_masks_come_with_the_people(client, server, folder):
    masks = server.base / "input" / folder / "test" / "mask"
    shutil.copytree(masks.with_name("image"), masks)
    Image.new("L", (144, 192), 51).save(masks / "00001_00.png")
    graph = inverting(folder, masks_folder=f"{folder}/test/mask")
    graph["picture"] = node("MaskToImage", mask=["pairs", 2])
    graph["save"]["inputs"]["image"] = ["picture", 0]
    client.run(graph)
    made = levels(server.base / "output" / folder / "00001_00.png")
    assert made.shape == (192, 144, 3)
    assert abs(made - 51).max() <= 1


REFUSED = {
    "no such list": ({"pairs_file": "gone.txt"}, "cannot be read"),
    "a folder up": ({"people_folder": "../input"}, "is not inside ComfyUI's input folder"),
    "results outside": ({"results_folder": "/tmp"}, "is not inside ComfyUI's output folder"),
    "no pictures there": ({"people_folder": "any2any"}, "pictures that are not there"),
}


@pytest.mark.parametrize("changes, part", REFUSED.values(), ids=REFUSED)
def test_bad_places_are_named(client, folder, changes, part):
    assert part in said(client, inverting(folder, **changes))


def test_a_result_is_saved_under_its_name_or_not_at_all(client, server, folder):
    graph = inverting(folder)

    def named(file: str) -> Graph:
        return graph | {"save": node("Any2AnySaveResult", image=["invert", 0], file=file)}

    client.run(named(f"{folder}/a.png"))
    before = (server.base / "output" / folder / "a.png").read_bytes()
    graph["invert"] = node("ImageBlur", image=["pairs", 1], blur_radius=1, sigma=1.0)
    assert "is there already" in said(client, named(f"{folder}/a.png"))
    assert (server.base / "output" / folder / "a.png").read_bytes() == before
    assert "ends with .png was expected" in said(client, named(f"{folder}/b.jpg"))
    assert "leaves ComfyUI's output folder" in said(client, named("../b.png"))
    graph["invert"] = node("RepeatImageBatch", image=["pairs", 1], amount=2)
    assert "There are 2 pictures for the file b.png" in said(client, named(f"{folder}/b.png"))
