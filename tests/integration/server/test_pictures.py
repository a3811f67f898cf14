"""The nodes that only handle pictures, in a real server: what LoadImage gives them, and lists."""

from __future__ import annotations

import io
import shutil

import numpy as np
import pytest
from graphs import demo_models, node
from PIL import Image, ImageDraw

from devtools.client import NodeError
from devtools.demo import EXAMPLE

pytestmark = pytest.mark.server

WIDTH, HEIGHT = 144, 192
PERSON, GARMENT, TRUTH = ["person", 0], ["garment", 0], ["truth", 0]


@pytest.fixture(scope="module", autouse=True)
def inputs(server):
    """The true picture, a cut-out and an opaque photo among the server's inputs."""
    folder = server.base / "input"
    shutil.copyfile(EXAMPLE / "truth.png", folder / "truth.png")
    cut_out = Image.new("RGBA", (120, 100), (0, 0, 0, 0))
    ImageDraw.Draw(cut_out).ellipse((30, 20, 69, 79), fill=(200, 30, 60, 255))
    cut_out.save(folder / "cut_out.png")


def loaded() -> dict[str, dict]:
    """Return the nodes that load the dolls and the cut-out."""
    return demo_models() | {
        "truth": node("LoadImage", image="truth.png"),
        "cut_out": node("LoadImage", image="cut_out.png"),
    }


def pictures(client, graph, **saved: list) -> list[np.ndarray]:
    """Run the graph and return the pictures [h,w,3] behind the links, link after link."""
    saves = {
        f"save_{name}": node("SaveImage", images=link, filename_prefix=name)
        for name, link in saved.items()
    }
    outputs = client.run(graph | saves)
    return [
        np.asarray(Image.open(io.BytesIO(client.picture(image))).convert("RGB"))
        for name in saves
        for image in outputs[name]["images"]
    ]


def example(name: str) -> np.ndarray:
    return np.asarray(Image.open(EXAMPLE / f"{name}.png").convert("RGB"))


def restored(**inputs) -> dict[str, dict]:
    return loaded() | {
        "encode": node(
            "ConditionImageEncode",
            vae=["demo", 2],
            width=WIDTH,
            height=HEIGHT,
            encode="together",
            person=PERSON,
            garment=GARMENT,
        ),
        "restore": node(
            "Any2AnyRestore", image=TRUTH, conditions=["encode", 0], size="original", **inputs
        ),
        "as_image": node("MaskToImage", mask=["restore", 1]),
    }


def test_restore_pastes_only_what_changed(client):
    graph = restored(original=PERSON, mask_from_change=True, feather=4)
    image, mask = pictures(client, graph, image=["restore", 0], mask=["as_image", 0])
    person, truth = example("person"), example("truth")
    untouched = (mask == 0).all(-1)
    assert 0.5 < untouched.mean() < 0.9
    assert (image[untouched] == person[untouched]).all()
    assert np.abs(image.astype(int) - truth).max() <= 12, "some of the change was left out"


def test_restore_as_before_gives_a_mask_of_ones(client):
    """Graphs saved before the appended inputs have none of them."""
    image, mask = pictures(client, restored(feather=8), image=["restore", 0], mask=["as_image", 0])
    assert (image == example("truth")).all()
    assert (mask == 255).all()


def test_restore_with_half_a_paste_shows_a_sentence(client):
    with pytest.raises(NodeError, match="Only original is connected") as caught:
        pictures(client, restored(feather=8, original=PERSON), image=["restore", 0])
    assert caught.value.node_type == "Any2AnyRestore"


def on_white(name: str, crop: bool = True) -> dict[str, dict]:
    return loaded() | {
        "white": node("Any2AnyOnWhite", image=[name, 0], mask=[name, 1], crop=crop, margin=0.1)
    }


def test_a_transparent_png_is_laid_on_white_and_cropped(client):
    (image,) = pictures(client, on_white("cut_out"), white=["white", 0])
    assert image.shape == (60 + 2 * 6, 40 + 2 * 6, 3)
    assert (image[36, 26] == (200, 30, 60)).all()
    assert (image[0] == 255).all() and (image[:, -1] == 255).all()
    assert {tuple(pixel) for pixel in image.reshape(-1, 3)} == {(200, 30, 60), (255, 255, 255)}


@pytest.mark.parametrize("crop", [True, False], ids=["crop", "whole"])
def test_an_opaque_photo_stays_as_it_is(client, crop):
    (image,) = pictures(client, on_white("person", crop), white=["white", 0])
    assert (image == example("person")).all()


def sheet(images: list, more: dict, **inputs) -> dict[str, dict]:
    settings = {"columns": 0, "cell": HEIGHT, "gap": 4} | inputs
    whole = node("Any2AnyContactSheet", images=images, **settings)
    return loaded() | more | {"sheet": whole}


BATCH = {"batch": node("ImageBatch", image1=PERSON, image2=TRUTH)}


def test_a_batch_under_its_garments(client):
    graph = sheet(["batch", 0], BATCH, people=PERSON, garments=["tops", 0])
    graph["tops"] = node("ImageBatch", image1=GARMENT, image2=GARMENT)
    (image,) = pictures(client, graph, sheet=["sheet", 0])
    assert image.shape == (2 * (HEIGHT + 4) + 4, 3 * (WIDTH + 4) + 4, 3)
    assert (image[: HEIGHT + 4, : WIDTH + 4] == 255).all(), "the corner is not blank"
    row = slice(HEIGHT + 8, 2 * HEIGHT + 8)
    for column, name in enumerate(("person", "person", "truth")):
        left = 4 + column * (WIDTH + 4)
        assert (image[row, left : left + WIDTH] == example(name)).all()


def test_a_list_is_one_sheet(client):
    """ComfyUI hands the list over whole: one picture comes out, not one an item."""
    graph = sheet(["each", 0], BATCH, columns=2)
    graph["each"] = node("RebatchImages", images=["batch", 0], batch_size=1)
    (image,) = pictures(client, graph, sheet=["sheet", 0])
    assert image.shape == (HEIGHT + 8, 2 * (WIDTH + 4) + 4, 3)
    assert (image[4:-4, 4 : 4 + WIDTH] == example("person")).all()
    assert (image[4:-4, 8 + WIDTH : -4] == example("truth")).all()


def test_more_images_than_pairs_shows_a_sentence(client):
    with pytest.raises(NodeError, match="2 images, but at most 1") as caught:
        pictures(
            client,
            sheet(["batch", 0], BATCH, people=PERSON, garments=GARMENT),
            sheet=["sheet", 0],
        )
    assert caught.value.node_type == "Any2AnyContactSheet"
