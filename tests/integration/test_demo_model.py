"""The demo model that ships: its files, its loader, and what stock nodes make of it."""

from __future__ import annotations

import pytest
import torch

from devtools.comfyui import ROOT

DEMO = ROOT / "demo"
LORA = "any2any_demo_tryon.safetensors"
MOST_MEGABYTES = 40


@pytest.fixture(scope="module")
def demo(run):
    """MODEL, CLIP and VAE of LoadAny2AnyDemo."""
    return run("LoadAny2AnyDemo")


def test_all_weights_together_are_small():
    sizes = [path.stat().st_size for path in DEMO.rglob("*.safetensors")]
    assert len(sizes) == 5
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


def test_its_lora_is_listed_and_matches_whole(demo, run, node_classes):
    (listed,) = (
        declared.options
        for declared in node_classes["LoadTryonLoRA"].GET_SCHEMA().inputs
        if declared.id == "lora_name"
    )
    assert LORA in listed
    _, report = run("LoadTryonLoRA", model=demo[0], lora_name=LORA)
    for fact in ("task: try-on", "layout: any2any", "rank: 64", "unmatched: 0"):
        assert fact in report
