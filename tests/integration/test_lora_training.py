"""What the training writes gives, through the nodes and through diffusers, what it trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lora_files import loaded_by_diffusers
from oracle.method import Conditioning, relative_difference, sampled, scaled
from oracle.noise import comfy_noise
from oracle.schedule import published_sigmas
from training_sets import write_set

from training.lora import run as training
from training.lora.base import loaded_transformer
from training.lora.files import DEMO_BASE
from training.lora.settings import Settings

SAME = 1e-4
SEED, STEPS = 3, 3


@pytest.fixture(scope="module")
def trained(tmp_path_factory, comfy) -> tuple[Settings, Path, torch.nn.Module]:
    """A training of three steps: its settings, its file, and the peft model that it ended with."""
    folder = tmp_path_factory.mktemp("training")
    settings = Settings(
        data=str(write_set(folder / "set", 3)),
        out=str(folder / "out"),
        name="mine",
        sizes="48x64",
        rank=4,
        alpha=12.0,
        rate=3e-2,
        warmup=0,
        steps=3,
        held_out=0,
        precision="fp32",
        device="cpu",
    )
    kept = []
    exported = training.exported

    def keep(*arguments):
        kept.append(arguments[-1])
        return exported(*arguments)

    training.exported = keep
    try:
        path = training.train(settings)
    finally:
        training.exported = exported
    return settings, path, kept[0].eval()


@pytest.fixture(scope="module")
def demo(run):
    return run("LoadAny2AnyDemo")


def through_nodes(run, demo, triple, name: str) -> tuple[torch.Tensor, Conditioning]:
    """Return the latent that the nodes make of a triple, and what the oracle is to be given."""
    import nodes

    model, clip, vae = demo
    conditions, _ = run(
        "ConditionImageEncode",
        vae=vae,
        width=48,
        height=64,
        person=picture(triple.person),
        garment=picture(triple.garment),
    )
    with torch.inference_mode():
        ((text, values),) = nodes.CLIPTextEncode().encode(clip, triple.prompt)[0]
    model, report = run("LoadTryonLoRA", model=model, lora_name=name)
    assert "unmatched: 0" in report and "alpha: 12" in report and "layout: any2any" in report
    positive = [[text, values | {"guidance": 3.5}]]
    packed = run("AdaptivePositionPack", model=model, positive=positive, conditions=conditions)
    (latent,) = run(
        "Any2AnySampler",
        model=packed[0],
        positive=packed[1],
        negative=packed[2],
        latent=packed[3],
        seed=SEED,
        steps=STEPS,
    )
    person, garment = (scaled(one) for one in conditions.latents)
    return latent["samples"], Conditioning(
        text, values["pooled_output"], person=person, garments=[garment]
    )


def picture(one) -> torch.Tensor:
    from training.lora.examples import image

    return image(one)


def oracle_latent(transformer, side: Conditioning) -> torch.Tensor:
    from oracle.method import raw

    shape = (1, 16, 8, 6)
    sigmas = published_sigmas(STEPS, side.image_seq_len(torch.empty(shape)))
    return raw(sampled(transformer, comfy_noise(shape, SEED), sigmas, side))


def test_the_file_gives_what_was_trained(run, demo, loras, trained):
    from any2any_core.triple_folder import folder_triples

    settings, path, transformer = trained
    (loras / path.name).write_bytes(path.read_bytes())
    triple = folder_triples(Path(settings.data))[0]
    got, side = through_nodes(run, demo, triple, path.name)
    want = oracle_latent(transformer, side)
    assert relative_difference(got, want) <= SAME

    plain = loaded_transformer(DEMO_BASE, torch.float32).eval()
    assert relative_difference(oracle_latent(plain, side), want) > 20 * SAME
    by_diffusers = loaded_by_diffusers(loras, (path.name, 1.0), transformer=plain)
    assert relative_difference(oracle_latent(by_diffusers, side), want) <= SAME


def test_what_is_encoded_is_what_the_nodes_encode(run, demo, trained):
    """Latents and text of the training's cache, in half precision, are those of inference."""
    from any2any_core.triple_folder import folder_triples

    settings, _, _ = trained
    files = training.files_of(settings)
    work = training.planned_work(replace(settings, held_out=0), files)
    cache = training.encoded_work(settings, files, work, torch.device("cpu"))
    example = work.batches[0][0]
    triple = next(
        one for one in folder_triples(Path(settings.data)) if one.name == example.triple.name
    )
    conditions, _ = run(
        "ConditionImageEncode",
        vae=demo[2],
        width=48,
        height=64,
        person=picture(triple.person),
        garment=picture(triple.garment),
    )
    _, person, garment = cache.latents(example)
    for mine, theirs in zip((person, garment), conditions.latents, strict=True):
        assert relative_difference(mine[None], scaled(theirs)) < 1e-3


def test_an_isolated_training_says_so(trained, tmp_path):
    from any2any_core.lora import read_lora

    settings, _, _ = trained
    isolated = replace(settings, out=str(tmp_path), attention="isolated", steps=1)
    assert read_lora(training.train(isolated)).layout == "isolated"
