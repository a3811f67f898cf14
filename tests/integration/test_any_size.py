"""Pictures of any size (the paper's figure 5), from photo to photo, on the demo model."""

from __future__ import annotations

import pytest
import torch

SHAPES = [
    pytest.param((250, 250), 384, (384, 384), id="square-enlarged"),
    pytest.param((301, 400), 512, (288, 400), id="portrait"),
    pytest.param((700, 350), 512, (512, 256), id="landscape"),
    pytest.param((1600, 400), 1536, (1536, 384), id="panorama", marks=pytest.mark.slow),
    pytest.param((1200, 1600), 1536, (1152, 1536), id="largest-portrait", marks=pytest.mark.full),
    pytest.param((2000, 2000), 1536, (1536, 1536), id="largest-square", marks=pytest.mark.full),
]


@pytest.mark.parametrize("photo, max_side, expected", SHAPES)
def test_a_photo_of_any_shape_comes_back_in_its_own_size(photo, max_side, expected, run):
    model, clip, vae = run("LoadAny2AnyDemo")
    width, height = photo
    person = torch.rand(1, height, width, 3, generator=torch.Generator().manual_seed(0))
    size = run("Any2AnyCanvas", image=person, max_side=max_side)
    assert size == expected

    conditions, _ = run(
        "ConditionImageEncode",
        vae=vae,
        width=size[0],
        height=size[1],
        person=person,
        garment=torch.ones(1, 96, 72, 3),
    )
    patched, positive, negative, latent, _ = run(
        "AdaptivePositionPack", model=model, positive=encoded(clip), conditions=conditions
    )
    assert latent["samples"].shape == (1, 16, size[1] // 8, size[0] // 8)
    (sampled,) = run(
        "Any2AnySampler",
        model=patched,
        positive=positive,
        negative=negative,
        latent=latent,
        seed=0,
        steps=1,
    )
    assert sampled["samples"].isfinite().all()
    restored, _ = run("Any2AnyRestore", image=decoded(vae, sampled), conditions=conditions)
    assert restored.shape == person.shape


@torch.inference_mode()
def encoded(clip) -> list:
    import nodes

    return nodes.CLIPTextEncode().encode(clip, "a person")[0]


@torch.inference_mode()
def decoded(vae, latent: dict) -> torch.Tensor:
    import nodes

    return nodes.VAEDecode().decode(vae, latent)[0]
