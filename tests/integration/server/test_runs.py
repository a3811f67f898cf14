"""Runs of the demo model in a real server: its workflow, cancelling, and what bad input gets."""

from __future__ import annotations

import io

import numpy as np
import pytest
from graphs import demo_models, node, try_on
from PIL import Image

from devtools.client import CancelledError, NodeError
from devtools.demo import EXAMPLE, dressed
from devtools.scores import psnr

pytestmark = pytest.mark.server

MODEL, VAE = ["demo", 0], ["demo", 2]
PHOTOS = {"person": ["person", 0], "garment": ["garment", 0]}
WIDTH, HEIGHT = 144, 192


def picture(client, graph) -> np.ndarray:
    (image,) = client.run(graph)["save"]["images"]
    return np.asarray(Image.open(io.BytesIO(client.picture(image))))


def test_the_demo_workflow_dresses_the_doll(client):
    person, truth = (
        np.asarray(Image.open(EXAMPLE / f"{name}.png").convert("RGB"))
        for name in ("person", "truth")
    )
    result = np.asarray(dressed(client))
    assert result.shape == person.shape
    assert psnr(result, truth) > psnr(person, truth) + 3


def test_cancelling_frees_the_queue_and_the_next_run_is_right(client):
    short = demo_models() | try_on(MODEL, VAE, WIDTH, HEIGHT, seed=5, steps=3, **PHOTOS)
    before = picture(client, short)

    steps: list[int] = []

    def cancel(_node: str, step: int, _steps: int) -> None:
        steps.append(step)  # some ComfyUIs tell only of every hundredth part
        if len(steps) == 2:
            client.interrupt()

    long = demo_models() | try_on(MODEL, VAE, WIDTH, HEIGHT, seed=6, steps=2000, **PHOTOS)
    with pytest.raises(CancelledError):
        client.run(long, cancel)
    assert steps[-1] < 1000
    queue = client.ask("/queue")
    assert queue["queue_running"] == queue["queue_pending"] == []

    assert (picture(client, short) == before).all()


def test_the_sampler_shows_what_a_run_costs(client):
    texts: list[tuple[str, str]] = []
    graph = demo_models() | try_on(MODEL, VAE, WIDTH, HEIGHT, seed=9, steps=3, **PHOTOS)
    client.run(graph, on_text=lambda *text: texts.append(text))
    (where, before), (_, first), (_, end) = texts
    assert where == "sample"
    assert "GFLOP for 3 steps" in before
    assert first.startswith("the first step took ")
    assert end.startswith("3 steps in ")


BAD = {
    "neither person nor garment": (
        "ConditionImageEncode",
        {},
        {},
        "Neither a person nor a garment is connected",
    ),
    "a garment ten times as wide as high": (
        "ConditionImageEncode",
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
        PHOTOS | {"garment": ["long", 0]},
        "at most 4 times the target's width",
    ),
    "two people, three garments": (
        "ConditionImageEncode",
        {
            "people": node("RepeatImageBatch", image=["person", 0], amount=2),
            "garments": node("RepeatImageBatch", image=["garment", 0], amount=3),
        },
        {"person": ["people", 0], "garment": ["garments", 0]},
        "2 pictures",
    ),
    "another node's reference latents": (
        "AdaptivePositionPack",
        {
            "plain": node("CLIPTextEncode", clip=["demo", 1], text=""),
            "pixels": node("VAEEncode", pixels=["person", 0], vae=VAE),
            "text": node("ReferenceLatent", conditioning=["plain", 0], latent=["pixels", 0]),
        },
        PHOTOS,
        "ReferenceLatent",
    ),
}


@pytest.mark.parametrize(("culprit", "more", "photos", "words"), BAD.values(), ids=BAD)
def test_bad_input_shows_a_sentence_on_its_node(client, culprit, more, photos, words):
    steps: list[int] = []
    graph = demo_models() | try_on(MODEL, VAE, WIDTH, HEIGHT, **photos) | more
    with pytest.raises(NodeError) as caught:
        client.run(graph, lambda _node, step, _steps: steps.append(step))
    assert caught.value.node_type == culprit
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    assert steps == []  # before any sampling


def test_a_pickled_lora_is_refused_by_its_loader(client, server):
    loras = server.base / "models" / "loras"
    loras.mkdir(exist_ok=True)
    (loras / "pickled.safetensors").write_bytes(b"\x80\x04\x95" + b"\x00" * 64)
    graph = demo_models() | try_on(["lora", 0], VAE, WIDTH, HEIGHT, **PHOTOS)
    graph["lora"] = node(
        "LoadTryonLoRA", model=MODEL, lora_name="pickled.safetensors", strength=1.0
    )
    with pytest.raises(NodeError, match="cannot be read as safetensors") as caught:
        client.run(graph)
    assert caught.value.node_type == "LoadTryonLoRA"
