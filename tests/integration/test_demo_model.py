"""The demo model that ships: its files, its loader, and what stock nodes make of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from any2any_core.geometry import Size
from any2any_core.images import to_pil, to_tensor
from any2any_core.prompts import task_prompt
from devtools.comfyui import ROOT
from devtools.demo import EXAMPLE
from devtools.scores import psnr
from training.dolls.frames import reframed
from training.dolls.people import HEIGHT

DEMO = ROOT / "demo"
TRY_ON = ("any2any_demo_tryon.safetensors", "any2any_demo_isolated.safetensors")
LORAS = {
    "any2any_demo_tryon.safetensors": ("task: try-on", "layout: any2any", "rank: 64"),
    "any2any_demo_alltasks.safetensors": ("task: try-on, layers", "layout: any2any", "rank: 64"),
    "any2any_demo_isolated.safetensors": ("task: try-on", "layout: isolated", "rank: 40"),
}
MOST_MEGABYTES = 40


@pytest.fixture(scope="module")
def demo(run):
    """MODEL, CLIP and VAE of LoadAny2AnyDemo."""
    return run("LoadAny2AnyDemo")


def test_all_weights_together_are_small():
    sizes = [path.stat().st_size for path in DEMO.rglob("*.safetensors")]
    assert len(sizes) == 6
    assert sum(sizes) <= MOST_MEGABYTES * 1e6


def test_stock_clip_text_encode_gives_flux_widths(demo):
    import nodes

    with torch.inference_mode():
        ((entry,),) = nodes.CLIPTextEncode().encode(demo[1], "a woman with red hair")
        ((other,),) = nodes.CLIPTextEncode().encode(demo[1], "a woman with blond hair")
    text, options = entry
    assert text.shape == (1, 32, 4096)
    assert options["pooled_output"].shape == (1, 768)
    assert not torch.equal(text, other[0])
    assert not torch.equal(options["pooled_output"], other[1]["pooled_output"])


def test_the_stock_vae_loader_takes_the_vae_file(demo, comfy):
    import folder_paths

    import nodes

    folder_paths.add_model_folder_path("vae", str(DEMO / "vae"))
    try:
        (vae,) = nodes.VAELoader().load_vae("any2any_demo_vae.safetensors")
    finally:
        folder_paths.folder_names_and_paths["vae"][0].remove(str(DEMO / "vae"))
    picture = torch.rand(1, 64, 48, 3)
    with torch.inference_mode():
        latent = vae.encode(picture)
        assert latent.shape == (1, 16, 8, 6)
        assert torch.equal(latent, demo[2].encode(picture))


@pytest.mark.parametrize(("lora", "facts"), LORAS.items(), ids=LORAS)
def test_its_loras_are_listed_and_match_whole(demo, run, node_classes, lora, facts):
    (listed,) = (
        declared.options
        for declared in node_classes["LoadTryonLoRA"].GET_SCHEMA().inputs
        if declared.id == "lora_name"
    )
    assert lora in listed
    _, report = run("LoadTryonLoRA", model=demo[0], lora_name=lora)
    for fact in (*facts, "unmatched: 0"):
        assert fact in report


@pytest.mark.parametrize("width", [144, 256])
@pytest.mark.parametrize("lora", TRY_ON)
def test_its_try_ons_dress_at_other_widths_too(demo, run, lora, width):
    import nodes

    size = Size(width, HEIGHT)
    person, truth = (
        reframed(np.asarray(Image.open(EXAMPLE / f"{name}.png").convert("RGB")), size)
        for name in ("person", "truth")
    )
    garment = np.asarray(Image.open(EXAMPLE / "garment.png").convert("RGB"))
    model, clip, vae = demo
    model, _ = run("LoadTryonLoRA", model=model, lora_name=lora)
    with torch.inference_mode():
        (text,) = nodes.CLIPTextEncode().encode(clip, task_prompt("try-on"))
        conditions, _ = run(
            "ConditionImageEncode",
            vae=vae,
            width=size.width,
            height=size.height,
            person=to_tensor(Image.fromarray(person))[None],
            garment=to_tensor(Image.fromarray(garment))[None],
        )
        model, positive, negative, latent, _ = run(
            "AdaptivePositionPack", model=model, positive=text, conditions=conditions
        )
        (sampled,) = run(
            "Any2AnySampler",
            model=model,
            positive=positive,
            negative=negative,
            latent=latent,
            seed=0,
            steps=4,
        )
        (decoded,) = nodes.VAEDecode().decode(vae, sampled)
    result = np.asarray(to_pil(decoded[0]))
    assert psnr(result, truth) > psnr(person, truth) + 4
