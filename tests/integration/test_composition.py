"""The pack beside other nodes, in real ComfyUI: whatever else is on the model still works."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
import torch
from control_stub import control_stub, random_residuals
from core_nodes import easycache, ksampled
from lora_files import loaded_by_diffusers, published_lora, saved
from oracle.method import relative_difference, scaled
from oracle.noise import comfy_noise
from oracle.schedule import last_part
from small_flux import model_patcher, random_text, random_transformer
from tryon import NEGATIVE_TEXT, POSITIVE_TEXT, SEED, STEPS, Photo, TryOn, expected, packed
from watched import Calls

from devtools.bfl import bfl_weights

EXACT = 1e-5

TRY_ON = TryOn(Photo(60, 90), (Photo(40, 64),))
VITONHD = replace(TRY_ON, layout="vitonhd")
TRY_OFF = TryOn(Photo(60, 90))
NOT_CLEAN = replace(TRY_ON, clean=False)

layouts = pytest.mark.parametrize(
    "case", [TRY_ON, VITONHD, NOT_CLEAN], ids=["try-on", "vitonhd", "conditions not clean"]
)
orders = pytest.mark.parametrize("first", ["pack first", "pack last"])


def stock_lora(model, lora, strength: float):
    import comfy.sd

    return comfy.sd.load_lora_for_models(model, None, lora, strength, 0)[0]


@orders
def test_second_lora(run, model, vae, loras, first):
    mine, other = published_lora(seed=1), published_lora(seed=2)
    names = saved(loras, mine, name="mine"), saved(loras, other, name="other")
    if first == "pack first":
        dressed, _ = run("LoadTryonLoRA", model=model, lora_name=names[0], strength=0.8)
        pack = packed(run, dressed, vae, TRY_ON)
        pack = replace(pack, model=stock_lora(pack.model, other, 0.5))
    else:
        dressed, _ = run(
            "LoadTryonLoRA", model=stock_lora(model, other, 0.5), lora_name=names[0], strength=0.8
        )
        pack = packed(run, dressed, vae, TRY_ON)
    transformer = loaded_by_diffusers(loras, (names[0], 0.8), (names[1], 0.5))
    want = expected(vae, TRY_ON).sampled(transformer)
    assert relative_difference(pack.sampled(run), want) <= 10 * EXACT


def with_easycache(run, model, vae, case, first, reuse_threshold):
    if first == "pack last":
        return packed(run, easycache(model, reuse_threshold), vae, case)
    pack = packed(run, model, vae, case)
    return replace(pack, model=easycache(pack.model, reuse_threshold))


@layouts
@orders
def test_easycache_that_never_skips(run, transformer, model, vae, case, first):
    pack = with_easycache(run, model, vae, case, first, reuse_threshold=0.0)
    assert relative_difference(pack.sampled(run), expected(vae, case).sampled(transformer)) <= EXACT


@orders
def test_easycache_skips_steps(run, model, vae, first):
    pack = with_easycache(run, model, vae, TRY_ON, first, reuse_threshold=3.0)
    with Calls(model) as calls:
        got = pack.sampled(run)
    assert 0 < calls.count < STEPS
    assert torch.isfinite(got).all()


@layouts
def test_model_sampling_flux_after_the_pack(run, transformer, model, vae, case):
    from comfy_extras.nodes_model_advanced import ModelSamplingFlux

    pack = packed(run, model, vae, case)
    (shifted,) = ModelSamplingFlux().patch(
        pack.model, max_shift=1.15, base_shift=0.5, width=1024, height=1024
    )
    got = pack.sampled(run, model=shifted)
    assert relative_difference(got, expected(vae, case).sampled(transformer)) <= EXACT


@layouts
def test_sampler_custom_advanced(run, transformer, model, vae, case):
    from comfy_extras.nodes_custom_sampler import (
        BasicGuider,
        KSamplerSelect,
        SamplerCustomAdvanced,
    )

    pack = packed(run, model, vae, case)
    (noise,) = run("Any2AnyNoise", positive=pack.positive, latent=pack.latent, seed=SEED)
    (sigmas,) = run("Any2AnyScheduler", positive=pack.positive, latent=pack.latent, steps=STEPS)
    with torch.inference_mode():
        (guider,) = BasicGuider.execute(pack.model, pack.positive).args
        (sampler,) = KSamplerSelect.execute("euler").args
        latent, _ = SamplerCustomAdvanced.execute(noise, guider, sampler, sigmas, pack.latent).args
    want = expected(vae, case).sampled(transformer, noise.generate_noise(pack.latent))
    assert relative_difference(latent["samples"], want) <= EXACT


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(replace(TRY_ON, width=64, height=96), id="try-on"),
        pytest.param(
            TryOn(Photo(60, 90), (Photo(40, 64), Photo(90, 64)), 64, 96), id="two garments"
        ),
        pytest.param(replace(TRY_OFF, width=64, height=96), id="try-off"),
        pytest.param(replace(VITONHD, width=64, height=96), id="vitonhd"),
        pytest.param(replace(TRY_ON, width=64, height=96, layout="canvas"), id="canvas"),
    ],
)
@pytest.mark.parametrize(
    "upscaled",
    [pytest.param((18, 12), id="1.5x"), pytest.param((16, 10), id="not the same both ways")],
)
def test_second_pass_stretches_the_ids(run, transformer, model, vae, case, upscaled):
    import comfy.utils

    pack = packed(run, model, vae, case)
    small = pack.sampled(run, steps=2)
    height, width = upscaled
    large = comfy.utils.common_upscale(small, width, height, "bislerp", "disabled")
    got = pack.sampled(run, latent={"samples": large}, steps=4, denoise=0.5)

    want = replace(expected(vae, case), shape=tuple(large.shape))
    sigmas = last_part(4, 0.5, want.image_seq_len)
    start = sigmas[0] * comfy_noise(want.shape, SEED) + (1 - sigmas[0]) * scaled(large)
    assert relative_difference(got, want.sampled(transformer, start, sigmas)) <= EXACT


def test_second_pass_of_odd_latents(run, model, vae):
    """80 x 64 pixels at 1.5x are 15 x 12 latent cells: Flux pads the odd side."""
    pack = packed(run, model, vae, TRY_ON)
    large = torch.zeros(1, 16, 12, 15)
    got = pack.sampled(run, latent={"samples": large}, steps=2, denoise=0.5)
    assert got.shape == large.shape
    assert torch.isfinite(got).all()


@pytest.mark.parametrize(
    "one, other",
    [
        pytest.param(TRY_ON, replace(TRY_ON, garments=(Photo(100, 64),)), id="other garment"),
        pytest.param(TRY_ON, replace(TRY_ON, layout="canvas"), id="other layout, same shapes"),
        pytest.param(VITONHD, TRY_ON, id="vitonhd beside any2any"),
        pytest.param(TRY_ON, NOT_CLEAN, id="clean beside not clean"),
        pytest.param(TRY_ON, TRY_OFF, id="try-on beside try-off"),
    ],
)
def test_two_packs_in_one_graph(run, transformer, model, vae, one, other):
    """One pack's conditioning as positive, the other's as negative, through both patches."""
    first = packed(run, model, vae, one)
    second = packed(run, first.model, vae, other, positive=random_text(NEGATIVE_TEXT))
    got = first.sampled(run, model=second.model, negative=second.positive, cfg=3.0)

    text, values = random_text(NEGATIVE_TEXT)[0]
    negative = expected(vae, other).positive.with_text(text, values["pooled_output"])
    want = replace(expected(vae, one), negative=negative, cfg=3.0)
    assert relative_difference(got, want.sampled(transformer)) <= EXACT


def test_packing_twice_replaces(run, transformer, model, vae):
    first = packed(run, model, vae, VITONHD)
    again = packed(run, first.model, vae, TRY_ON, positive=first.positive)
    assert (
        relative_difference(again.sampled(run), expected(vae, TRY_ON).sampled(transformer)) <= EXACT
    )
    assert wrapper_count(again.model) == wrapper_count(first.model)
    assert len(again.positive[0][1]["reference_latents"]) == 2


def wrapper_count(model) -> int:
    return sum(len(wrappers) for keyed in model.wrappers.values() for wrappers in keyed.values())


@layouts
def test_controlnet_residuals(run, transformer, model, vae, case):
    pack = packed(run, model, vae, case)
    residuals = random_residuals(target_tokens=case.width * case.height // 256)
    text, values = pack.positive[0]
    positive = [[text, {**values, "control": control_stub(residuals)}]]
    want = expected(vae, case)
    want = replace(want, positive=replace(want.positive, control=residuals))
    got = pack.sampled(run, positive=positive)
    assert relative_difference(got, want.sampled(transformer)) <= EXACT
    plain = expected(vae, case).sampled(transformer)
    assert relative_difference(got, plain) > 100 * EXACT


@layouts
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float8_e4m3fn], ids=["bf16", "fp8"])
def test_stored_in_fewer_bits(run, vae, case, dtype):
    """ComfyUI casts the stored weights up and computes in float32; so does the oracle."""
    weights = bfl_weights(random_transformer().state_dict())
    rounded = random_transformer()
    rounded.load_state_dict(
        {name: weight.to(dtype).float() for name, weight in rounded.state_dict().items()}
    )
    model = model_patcher(weights, dtype)
    got = packed(run, model, vae, case).sampled(run)
    assert relative_difference(got, expected(vae, case).sampled(rounded)) <= EXACT


def fingerprint(model) -> tuple[str, str]:
    """Return the hash of a MODEL's weights, and what is on it, as text."""
    digest = hashlib.sha256()
    for name, weight in sorted(model.model.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().contiguous().view(torch.uint8).numpy().tobytes())
    state = (model.model_options, model.patches, model.object_patches, model.wrappers)
    return digest.hexdigest(), repr(state)


@layouts
def test_the_input_model_stays_as_it_was(run, model, vae, loras, case):
    import comfy.model_management

    comfy.model_management.unload_all_models()  # it leaves patches in the weights until then
    before = fingerprint(model)
    name = saved(loras, published_lora())
    dressed, _ = run("LoadTryonLoRA", model=model, lora_name=name)
    dressed_before = fingerprint(dressed)
    pack = packed(run, dressed, vae, case)
    assert fingerprint(dressed) == dressed_before
    packed_before = repr(pack.model.model_options)
    pack.sampled(run, steps=2)
    assert repr(pack.model.model_options) == packed_before
    comfy.model_management.unload_all_models()
    assert fingerprint(model) == before


def test_other_conditionings_pass_untouched(run, model, vae):
    """On a packed model a conditioning without our layout gives core's own result."""
    pack = packed(run, model, vae, TRY_ON)
    plain = random_text(POSITIVE_TEXT)
    latent = {"samples": torch.zeros(1, 16, 8, 10)}
    assert torch.equal(
        ksampled(pack.model, plain, latent, shift_of=pack.model),
        ksampled(model, plain, latent, shift_of=pack.model),
    )
