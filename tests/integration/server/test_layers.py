"""Any2AnyLayers in a real server: the same as its passes by hand, and no pass more than needed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from graphs import Graph, demo_models, node, numbered, try_on
from PIL import Image

from devtools.client import Client, NodeError

pytestmark = pytest.mark.server

MODEL, VAE = ["demo", 0], ["demo", 2]
WIDTH, HEIGHT, STEPS = 144, 192, 2

GARMENTS = {
    "garment": ["garment", 0],
    "garment_2": ["inverted", 0],
    "garment_3": ["blurred", 0],
    "garment_4": ["red", 0],
}


def photos() -> Graph:
    """Return the demo's nodes, four garments and a second prompt."""
    return demo_models() | {
        "inverted": node("ImageInvert", image=["garment", 0]),
        "blurred": node("ImageBlur", image=["inverted", 0], blur_radius=9, sigma=4.0),
        "red": node("EmptyImage", width=100, height=120, batch_size=1, color=0xD02030),
        "other text": node("CLIPTextEncode", clip=["demo", 1], text="a person in a striped dress"),
    }


def layers(person: list | None = None, seed: int = 0, **garments: list) -> Graph:
    """Return Any2AnyLayers with its last picture and all its passes saved."""
    return photos() | {
        "layers": node(
            "Any2AnyLayers",
            model=MODEL,
            positive=["text", 0],
            vae=VAE,
            person=person or ["person", 0],
            width=WIDTH,
            height=HEIGHT,
            seed=seed,
            steps=STEPS,
            cfg=1.0,
            sampler_name="euler",
            **garments,
        ),
        "save": node("SaveImage", images=["layers", 0], filename_prefix="layers"),
        "save_passes": node("SaveImage", images=["layers", 1], filename_prefix="passes"),
    }


def by_hand(garments: list[list], texts: list[str], person: list | None = None) -> Graph:
    """Return the passes wired one after the other, each saved."""
    graph, person = photos(), person or ["person", 0]
    for number, (garment, text) in enumerate(zip(garments, texts), 1):
        one = try_on(MODEL, VAE, WIDTH, HEIGHT, steps=STEPS, person=person, garment=garment)
        one["pack"]["inputs"]["positive"] = [text, 0]
        graph |= numbered(one, number)
        person = [f"restore_{number}", 0]
    return graph


def pictures(client: Client, images: list[dict]) -> list[np.ndarray]:
    return [np.asarray(Image.open(io.BytesIO(client.picture(image)))) for image in images]


def assert_equal(got: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert len(got) == len(expected)
    assert all((one == other).all() for one, other in zip(got, expected))


CASES = {
    "one garment": (["garment"], {}),
    "two": (["garment", "garment_2"], {}),
    "three, the last with its own prompt": (
        ["garment", "garment_2", "garment_3"],
        {"positive_3": "other text"},
    ),
    "a gap moves up, prompt and all": (["garment", "garment_4"], {"positive_4": "other text"}),
}


@pytest.mark.parametrize(("names", "prompts"), CASES.values(), ids=CASES)
def test_layers_are_their_passes_by_hand(client, names, prompts):
    garments = {name: GARMENTS[name] for name in names}
    outputs = client.run(layers(**garments, **{name: [text, 0] for name, text in prompts.items()}))
    last, passes = (pictures(client, outputs[name]["images"]) for name in ("save", "save_passes"))

    texts = [prompts.get(name.replace("garment", "positive"), "text") for name in names]
    hand = client.run(by_hand(list(garments.values()), texts))
    expected = [
        pictures(client, hand[f"save_{number}"]["images"])[0] for number in range(1, len(names) + 1)
    ]
    assert_equal(passes, expected)
    assert_equal(last, expected[-1:])


@pytest.mark.parametrize("many", ["RepeatImageBatch", "RebatchImages"], ids=["batch", "list"])
def test_people_are_dressed_alike(client, many):
    """In a batch, and as a list of single pictures."""
    people = {
        "people": node("ImageBatch", image1=["person", 0], image2=["mirrored", 0]),
        "mirrored": node("ImageFlip", image=["person", 0], flip_method="y-axis: horizontally"),
    }
    link = ["people", 0]
    if many == "RebatchImages":
        people["list"] = node("RebatchImages", images=["people", 0], batch_size=1)
        link = ["list", 0]
    garments = {name: GARMENTS[name] for name in ("garment", "garment_2")}
    outputs = client.run(layers(person=link, **garments) | people)
    last, passes = (pictures(client, outputs[name]["images"]) for name in ("save", "save_passes"))

    hand = client.run(by_hand(list(garments.values()), ["text"] * 2, person=link) | people)
    first, second = (pictures(client, hand[f"save_{number}"]["images"]) for number in (1, 2))
    assert_equal(last, second)
    in_order = [*first, *second]  # a batch: all of pass 1, then all of pass 2
    if many == "RebatchImages":  # a list: each person's own passes
        in_order = [first[0], second[0], first[1], second[1]]
    assert_equal(passes, in_order)


def test_only_the_passes_after_a_change_run_again(client):
    def sampled(**garments: list) -> set[str]:
        """Return the ids of the samplers that ran."""
        nodes: set[str] = set()
        client.run(layers(seed=7, **garments), lambda node, *_: nodes.add(node))
        return {name.rpartition("sample_")[2] for name in nodes if "sample_" in name}

    first = {"garment": GARMENTS["garment"], "garment_2": GARMENTS["garment_2"]}
    assert sampled(**first, garment_3=["blurred", 0]) == {"1", "2", "3"}
    assert sampled(**first, garment_3=["red", 0]) == {"3"}
    assert sampled(**first, garment_3=["red", 0], garment_4=["blurred", 0]) == {"4"}
    assert sampled(**first) == set()


def test_every_pass_shows_on_the_node(client):
    shown = shown_by_node(client, layers(seed=8, garment=["garment", 0], garment_2=["red", 0]))
    assert shown["layers"] == [1, 2]  # pictures, after the first pass and after the second


def shown_by_node(client: Client, graph: Graph) -> dict[str, list[int]]:
    """Return how many pictures each node of the page showed, time after time."""
    shown: dict[str, list[int]] = {}

    def note(event: dict) -> None:
        images = (event.get("output") or {}).get("images", [])
        shown.setdefault(event["display_node"], []).append(len(images))

    client.run(graph, on_executed=note)
    return shown


BAD = {
    "a last garment ten times as wide as high": (
        {
            "long": node(
                "ImageScale",
                image=["garment", 0],
                upscale_method="area",
                width=1000,
                height=100,
                crop="disabled",
            )
        },
        {"garment_3": ["long", 0]},
        "The garment_3 picture is 1000x100",
    ),
    "two people, three second garments": (
        {
            "people": node("RepeatImageBatch", image=["person", 0], amount=2),
            "garments": node("RepeatImageBatch", image=["garment", 0], amount=3),
        },
        {"person": ["people", 0], "garment_2": ["garments", 0]},
        "person has 2 pictures and garment_2 has 3",
    ),
}


@pytest.mark.parametrize(("more", "given", "words"), BAD.values(), ids=BAD)
def test_a_mistake_shows_on_the_node_before_the_first_pass(client, more, given, words):
    steps: list[int] = []
    graph = layers(**{"garment": ["garment", 0]} | given) | more
    with pytest.raises(NodeError) as caught:
        client.run(graph, lambda _node, step, _steps: steps.append(step))
    assert caught.value.node_type == "Any2AnyLayers"
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    assert steps == []
