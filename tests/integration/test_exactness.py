"""The nodes give the reference's result: same weights, photos, text and noise."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from oracle.method import relative_difference
from oracle.noise import published_noise
from oracle.schedule import last_part, published_sigmas
from tryon import SEED, STEPS, Photo, TryOn, expected, packed

EXACT = 1e-5
STOCK = 1e-3
"""ComfyUI's `simple` scheduler picks its sigmas from a table of 10,000."""

PERSON, WIDE, NARROW, TALL = Photo(60, 90), Photo(150, 64), Photo(40, 64), Photo(50, 130)

CASES = {
    "try-on": TryOn(PERSON, (Photo(80, 64),)),
    "try-on, garment wider than the target": TryOn(PERSON, (WIDE,)),
    "try-on, garment narrower than the target": TryOn(PERSON, (NARROW,)),
    "try-on, landscape person": TryOn(Photo(120, 50), (NARROW,)),
    "try-off": TryOn(PERSON),
    "model-free": TryOn(None, (WIDE,)),
    "two garments and a person": TryOn(PERSON, (NARROW, WIDE)),
    "two garments alone": TryOn(None, (WIDE, NARROW)),
    "three garments and a person": TryOn(PERSON, (NARROW, TALL, WIDE)),
    "vitonhd": TryOn(PERSON, (NARROW,), layout="vitonhd"),
    "vitonhd, two garments": TryOn(PERSON, (NARROW, WIDE), layout="vitonhd"),
    "vitonhd, person alone": TryOn(PERSON, layout="vitonhd"),
    "canvas": TryOn(PERSON, (NARROW,), layout="canvas"),
    "canvas, garment alone": TryOn(None, (WIDE,), layout="canvas"),
    "conditions not clean": TryOn(PERSON, (NARROW,), clean=False),
    "conditions not clean, vitonhd, two garments": TryOn(
        PERSON, (NARROW, WIDE), layout="vitonhd", clean=False
    ),
    "odd sizes": TryOn(Photo(100, 37), (Photo(37, 100), Photo(101, 33)), width=87, height=70),
    "odd sizes, try-off": TryOn(Photo(100, 37), width=95, height=49),
    "a column of one token": TryOn(Photo(37, 41), (Photo(33, 100),), width=31, height=96),
    "batch of two garments": TryOn(PERSON, (Photo(70, 64, batch=2),)),
    "batch of two pairs": TryOn(Photo(60, 90, batch=2), (Photo(70, 64, batch=2),)),
    "cfg 3, negative connected": TryOn(PERSON, (NARROW,), cfg=3, negative=True),
    "cfg 3, negative open": TryOn(PERSON, (NARROW,), cfg=3),
    "cfg 3, batch of two, conditions not clean": TryOn(
        PERSON, (Photo(40, 64, batch=2),), cfg=3, negative=True, clean=False
    ),
    "cfg 3, vitonhd": TryOn(PERSON, (NARROW,), cfg=3, negative=True, layout="vitonhd"),
    "another guidance, carried over to an open negative": TryOn(
        PERSON, (NARROW,), cfg=3, guidance=2.0
    ),
}
BASIC = CASES["try-on"]


def table(*names: str):
    return pytest.mark.parametrize("case", [CASES[name] for name in names], ids=names)


@table(*CASES)
def test_any2any_sampler(run, transformer, model, vae, case):
    want = expected(vae, case)
    got = packed(run, model, vae, case).sampled(run, cfg=case.cfg)
    assert got.shape == want.shape

    assert relative_difference(got, want.sampled(transformer)) <= EXACT


@table(*CASES)
def test_stock_ksampler(run, transformer, model, vae, case):
    import nodes

    pack = packed(run, model, vae, case)
    with torch.inference_mode():
        (got,) = nodes.KSampler().sample(
            pack.model, SEED, STEPS, case.cfg, "euler", "simple",
            pack.positive, pack.negative, pack.latent, 1.0,
        )  # fmt: skip
    want = expected(vae, case).sampled(transformer)
    assert relative_difference(got["samples"], want) <= STOCK


@pytest.mark.parametrize(
    "change",
    [
        {"layout": "canvas"},
        {"layout": "vitonhd"},
        {"clean": False},
        {"guidance": 2.0},
        {"cfg": 3.0},
        {"garments": (replace(BASIC.garments[0], width=112),)},
    ],
    ids=lambda change: next(iter(change)) + " " + str(next(iter(change.values()))),
)
def test_the_oracle_tells_cases_apart(transformer, vae, change):
    """Were it blind to positions or conditions, agreement would prove nothing."""
    plain = expected(vae, BASIC).sampled(transformer)
    other = expected(vae, replace(BASIC, **change)).sampled(transformer)
    assert relative_difference(other, plain) > 500 * EXACT


@table("try-on", "two garments and a person", "vitonhd", "try-off", "batch of two garments")
def test_reference_noise_is_the_published_draw(run, model, vae, case):
    pack = packed(run, model, vae, case)
    (noise,) = run("Any2AnyNoise", positive=pack.positive, latent=pack.latent, seed=SEED)
    want = expected(vae, case)
    batch, _, latent_h, latent_w = want.shape
    conditions_w = sum(latent.shape[-1] for latent in want.positive.conditions)
    draws = [
        published_noise(case.layout, latent_h, latent_w, conditions_w, SEED + i)
        for i in range(batch)
    ]
    assert torch.equal(noise.generate_noise(pack.latent), torch.cat(draws).float())
    assert noise.seed == SEED


@table("try-on", "vitonhd", "batch of two garments")
def test_sampler_starts_from_reference_noise(run, transformer, model, vae, case):
    pack = packed(run, model, vae, case)
    (noise,) = run("Any2AnyNoise", positive=pack.positive, latent=pack.latent, seed=SEED)
    start = noise.generate_noise(pack.latent)
    first = []
    hook = model.model.diffusion_model.register_forward_pre_hook(
        lambda module, inputs: first.append(inputs[0].clone())
    )
    try:
        got = pack.sampled(run, noise="reference")
    finally:
        hook.remove()
    assert torch.equal(first[0], start)
    assert relative_difference(got, expected(vae, case).sampled(transformer, start)) <= EXACT


@pytest.mark.parametrize("steps", [1, 6, 30])
@table("try-on", "try-off", "three garments and a person", "odd sizes")
def test_scheduler(run, model, vae, case, steps):
    pack = packed(run, model, vae, case)
    (sigmas,) = run("Any2AnyScheduler", positive=pack.positive, latent=pack.latent, steps=steps)
    want = published_sigmas(steps, expected(vae, case).image_seq_len)
    torch.testing.assert_close(sigmas, want, rtol=0, atol=1e-6)


@pytest.mark.parametrize("denoise", [0.75, 0.5, 0.3])
def test_scheduler_denoise_is_comfyuis(run, model, vae, denoise):
    pack = packed(run, model, vae, BASIC)
    (sigmas,) = run(
        "Any2AnyScheduler", positive=pack.positive, latent=pack.latent, steps=6, denoise=denoise
    )
    want = last_part(6, denoise, expected(vae, BASIC).image_seq_len)
    torch.testing.assert_close(sigmas, want, rtol=0, atol=1e-6)


@table("try-on", "odd sizes", "two garments alone", "batch of two pairs")
def test_encoded_panels_are_the_references(run, model, vae, case):
    from oracle.method import raw

    conditions = packed(run, model, vae, case).conditions
    for got, want in zip(conditions.latents, expected(vae, case).positive.conditions, strict=True):
        torch.testing.assert_close(got, raw(want), rtol=1e-5, atol=1e-5)


def test_batch_size_tiles_the_conditions_in_order(run, transformer, model, vae):
    case = CASES["batch of two garments"]
    pack = packed(run, model, vae, case, batch_size=2)
    want = expected(vae, case)
    assert pack.latent["samples"].shape == (4, *want.shape[1:])
    four = replace(want, shape=(4, *want.shape[1:]))
    assert relative_difference(pack.sampled(run), four.sampled(transformer)) <= EXACT
