"""What bad input gets: one sentence that says what was got, expected and to be done."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace

import pytest
import torch
from lora_files import published_lora, saved
from other_models import flux_2, flux_fill, nunchaku_flux, stable_diffusion
from small_flux import random_text, random_vae
from tryon import Photo, TryOn, packed

TRY_ON = TryOn(Photo(60, 90), (Photo(40, 64),))


@pytest.fixture
def untouched(model):
    """The transformer must not run in this test."""
    calls = []
    hook = model.model.diffusion_model.register_forward_pre_hook(lambda *_: calls.append(1))
    yield
    hook.remove()
    assert not calls, "the transformer ran before the error came"


def assert_one_sentence(error: pytest.ExceptionInfo, *parts: str) -> None:
    """Check that the message is one sentence with each of `parts`: got, expected, remedy."""
    message = str(error.value)
    assert message.endswith(".")
    assert not re.search(r"[.!?]\s+[A-Z]", message), f"more than one sentence: {message}"
    missing = [part for part in parts if part not in message]
    assert not missing, f"{missing} not in: {message}"


def with_nan(image: torch.Tensor) -> torch.Tensor:
    image = image.clone()
    image[0, 3, 4, 1] = float("nan")
    return image


MODELS = {
    "Stable Diffusion": (stable_diffusion, "FLUX.1 was expected", "load FLUX.1-dev"),
    "FLUX.2": (flux_2, "flux2", "FLUX.1 was expected", "load FLUX.1-dev"),
    "FLUX.1 Fill": (flux_fill, "96", "16 were expected", "load FLUX.1-dev"),
    "nunchaku": (nunchaku_flux, "nunchaku", "load FLUX.1-dev with the stock loader"),
}


@pytest.mark.parametrize("build, parts", [(b, p) for b, *p in MODELS.values()], ids=MODELS)
def test_other_models_are_refused_by_pack(run, vae, comfy, build, parts):
    with pytest.raises(ValueError) as error:
        packed(run, build(), vae, TRY_ON)
    assert_one_sentence(error, *parts)


@pytest.mark.parametrize("build, parts", [(b, p) for b, *p in MODELS.values()], ids=MODELS)
def test_other_models_are_refused_by_lora(run, loras, build, parts):
    name = saved(loras, published_lora())
    with pytest.raises(ValueError) as error:
        run("LoadTryonLoRA", model=build(), lora_name=name)
    assert_one_sentence(error, *parts)


def sdxl_lora():
    module = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
    return {
        f"{module}.lora_down.weight": torch.ones(4, 640),
        f"{module}.lora_up.weight": torch.ones(640, 4),
    }


def other_dimensions():
    return {key: weight.repeat(2, 2) for key, weight in published_lora().items()}


def truncated(path):
    path.write_bytes(path.read_bytes()[:-100])


def pickled(path):
    path.write_bytes(pickle.dumps({"weight": [1.0]}))


def emptied(path):
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "tensors, parts",
    [
        pytest.param(sdxl_lora, ["lora_unet_down", "FLUX.1", "choose"], id="for SDXL"),
        pytest.param(
            other_dimensions, ["256", "128", "FLUX.1", "choose"], id="for a wider transformer"
        ),
        pytest.param(
            lambda: {"img_in.weight": torch.ones(4, 4)},
            ["img_in.weight", "lora_A/lora_B", "choose"],
            id="a full model",
        ),
        pytest.param(dict, ["LoRA", "expected", "choose"], id="no tensor at all"),
    ],
)
def test_other_loras_are_refused(run, model, loras, untouched, tensors, parts):
    with pytest.raises(ValueError) as error:
        run("LoadTryonLoRA", model=model, lora_name=saved(loras, tensors(), name="strange"))
    assert_one_sentence(error, "strange.safetensors", *parts)


@pytest.mark.parametrize("damage", [truncated, pickled, emptied], ids=lambda f: f.__name__)
def test_damaged_files_are_refused(run, model, loras, untouched, damage):
    name = saved(loras, published_lora(), name="broken")
    damage(loras / name)
    with pytest.raises(ValueError) as error:
        run("LoadTryonLoRA", model=model, lora_name=name)
    assert_one_sentence(error, "broken.safetensors", "safetensors", "expected", "get it again")


def test_pickle_suffix_is_never_opened(run, model, loras, untouched):
    torch.save({"weight": torch.ones(1)}, loras / "broken.pt")
    with pytest.raises(ValueError) as error:
        run("LoadTryonLoRA", model=model, lora_name="broken.pt")
    assert_one_sentence(error, "broken.pt", ".safetensors", "get the safetensors file")


def test_missing_lora(run, model, comfy):
    with pytest.raises(ValueError) as error:
        run("LoadTryonLoRA", model=model, lora_name="gone.safetensors")
    assert_one_sentence(error, "gone.safetensors", "expected", "put it there")


PERSON, GARMENT = Photo(60, 90).image(0), Photo(40, 64).image(1)

PHOTOS = {
    "neither person nor garment": ({}, "Neither a person nor a garment", "connect"),
    "batches 2 and 3": (
        {"person": Photo(60, 90, 2).image(0), "garment": Photo(40, 64, 3).image(1)},
        "2", "3", "equal", "change one",
    ),
    "batches 2 and 3 of garments": (
        {"garment": Photo(40, 64, 2).image(0), "garment_2": Photo(40, 64, 3).image(1)},
        "garment_2", "2", "3", "equal",
    ),
    "width under 16": ({"person": PERSON, "width": 15}, "15x64", "at least 16", "raise"),
    "height under 16": ({"person": PERSON, "height": 8}, "80x8", "at least 16", "raise"),
    "a garment of 0 px": (
        {"person": PERSON, "garment": Photo(4, 400).image(0)},
        "garment", "4x400", "at least 16", "crop",
    ),
    "a person of 0 px inside the target": (
        {"person": Photo(2, 900).image(0), "garment": GARMENT}, "person", "2x900", "crop",
    ),
    "a garment over 4 targets wide": (
        {"person": PERSON, "garment": Photo(400, 64).image(0)},
        "garment", "400x64", "100 tokens", "4 times", "crop",
    ),
    "a lone person over 4 targets wide": (
        {"person": Photo(700, 64).image(0)}, "person", "700x64", "tokens", "crop",
    ),
    "NaN in the person": ({"person": with_nan(PERSON)}, "person", "NaN", "0 to 1", "node before"),
    "NaN in the second garment": (
        {"garment": GARMENT, "garment_2": with_nan(GARMENT)}, "garment_2", "NaN", "0 to 1",
    ),
    "infinity": ({"person": PERSON / 0.0}, "infinite", "0 to 1"),
    "two channels": (
        {"person": PERSON[..., :2]}, "(1, 90, 60, 2)", "1, 3 or 4 channels", "connect",
    ),
    "no pixel": ({"person": PERSON[:, :0]}, "(1, 0, 60, 3)", "connect"),
}  # fmt: skip


@pytest.mark.parametrize("photos, parts", [(p, e) for p, *e in PHOTOS.values()], ids=PHOTOS)
def test_photos_and_sizes(run, vae, untouched, photos, parts):
    inputs = {"width": 80, "height": 64} | photos
    with pytest.raises(ValueError) as error:
        run("ConditionImageEncode", vae=vae, **inputs)
    assert_one_sentence(error, *parts)


def test_garment_2_alone_moves_up(run, transformer, model, vae):
    from oracle.method import relative_difference

    first, _ = run("ConditionImageEncode", vae=vae, width=80, height=64, garment=GARMENT)
    second, _ = run("ConditionImageEncode", vae=vae, width=80, height=64, garment_2=GARMENT)
    assert relative_difference(second.latents[0], first.latents[0]) == 0
    assert second.roles == first.roles


def test_a_size_that_is_no_multiple_is_rounded_down_and_said_so(run, vae):
    """The note under the panels makes the preview wider than it is without rounding."""
    exact, even = run("ConditionImageEncode", vae=vae, width=80, height=64, person=PERSON)
    rounded, said = run("ConditionImageEncode", vae=vae, width=95, height=79, person=PERSON)
    assert (rounded.target.width, rounded.target.height) == (80, 64)
    assert torch.equal(rounded.latents[0], exact.latents[0])
    assert said.shape[2] > even.shape[2]
    assert torch.equal(said[:, :64, :32], even[:, :64, :32])


@pytest.mark.parametrize(
    "change, parts",
    [
        pytest.param(lambda vae: random_vae(4), ["4 channels", "16"], id="4 channels"),
        pytest.param(
            lambda vae: replace_ratio(vae, 16), ["16x compression", "8x"], id="16x compression"
        ),
        pytest.param(lambda vae: None, ["empty", "FLUX.1"], id="none"),
    ],
)
def test_other_autoencoders_are_refused(run, vae, untouched, change, parts):
    with pytest.raises(ValueError) as error:
        run("ConditionImageEncode", vae=change(vae), person=PERSON)
    assert_one_sentence(error, *parts, "expected", "ae.safetensors")


def replace_ratio(vae, ratio: int):
    """Return a shallow copy of the VAE that shrinks by `ratio`."""
    import copy

    other = copy.copy(vae)
    other.downscale_ratio = ratio
    return other


@pytest.mark.parametrize("side", ["positive", "negative"])
def test_foreign_reference_latents(run, model, vae, untouched, side):
    text, values = random_text(1)[0]
    foreign = [[text, {**values, "reference_latents": [torch.zeros(1, 16, 8, 8)]}]]
    with pytest.raises(ValueError) as error:
        packed(run, model, vae, TRY_ON, **{side: foreign})
    assert_one_sentence(error, side, "1", "ReferenceLatent", "take that node out")


@pytest.mark.parametrize("node", ["Any2AnySampler", "Any2AnyScheduler", "Any2AnyNoise"])
def test_conditioning_that_was_not_packed(run, model, untouched, node):
    plain = random_text(1)
    inputs = {"positive": plain, "latent": {"samples": torch.zeros(1, 16, 8, 10)}, "seed": 0}
    if node == "Any2AnySampler":
        inputs |= {"model": model, "negative": plain}
    if node == "Any2AnyScheduler":
        del inputs["seed"]
    with pytest.raises(ValueError) as error:
        run(node, **inputs)
    assert_one_sentence(error, "no try-on conditions", "expected", "AdaptivePositionPack")


def test_reference_noise_needs_the_packed_height(run, model, vae, untouched):
    pack = packed(run, model, vae, TRY_ON)
    with pytest.raises(ValueError) as error:
        pack.sampled(run, latent={"samples": torch.zeros(1, 16, 12, 14)}, noise="reference")
    assert_one_sentence(error, "12", "8", "noise=comfy")


def test_condition_latents_changed_after_packing(run, model, vae):
    """Caught by the patch: the first moment at which it can be seen."""
    pack = packed(run, model, vae, TRY_ON)
    text, values = pack.positive[0]
    fewer = [[text, {**values, "reference_latents": values["reference_latents"][:1]}]]
    with pytest.raises(ValueError) as error:
        pack.sampled(run, positive=fewer)
    assert_one_sentence(error, "1", "2", "AdaptivePositionPack")


def test_preview_says_what_the_canvas_holds(run, model, vae):
    """A picture; only that it is one, and that another layout shows."""
    plain, canvas = (
        packed(run, model, vae, replace(TRY_ON, layout=layout)).preview
        for layout in ("any2any", "canvas")
    )
    assert plain.ndim == 4 and plain.shape[-1] == 3
    assert plain.shape != canvas.shape or not torch.equal(plain, canvas)
