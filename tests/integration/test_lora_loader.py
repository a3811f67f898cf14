"""LoadTryonLoRA gives what diffusers' own loader gives, for every form a file comes in."""

from __future__ import annotations

import pytest
from lora_files import (
    ALL_MODULES,
    DOUBLE_MODULES,
    RANK,
    adapter_metadata,
    comfy_form,
    kohya_form,
    loaded_by_diffusers,
    published_lora,
    saved,
    with_alphas,
    without_prefix,
)
from oracle.method import relative_difference
from tryon import Photo, TryOn, expected, packed

SAME = 1e-4
CASE = TryOn(Photo(60, 90), (Photo(40, 64),))

HEADERS = {
    "plain": adapter_metadata(r=RANK, lora_alpha=2 * RANK, target_modules=["to_q"]),
    "pattern": adapter_metadata(
        r=RANK,
        lora_alpha=RANK,
        alpha_pattern={"transformer_blocks.0.attn.to_q": 12.0, "to_add_out": 1.0},
        target_modules=["to_q"],
    ),
    "rslora": adapter_metadata(r=RANK, lora_alpha=RANK, use_rslora=True, target_modules=["to_q"]),
}

FORMS = {
    # name: (tensors under test, their header, tensors for diffusers, their header)
    "no alpha": lambda lora: (lora, None, lora, None),
    "no alpha, no prefix": lambda lora: (without_prefix(lora), None, lora, None),
    "alpha tensors": lambda lora: (with_alphas(lora, 2.0), None, with_alphas(lora, 2.0), None),
    "alpha tensors, no prefix": lambda lora: (
        without_prefix(with_alphas(lora, 2.0)),
        None,
        with_alphas(lora, 2.0),
        None,
    ),
    "alpha in the header": lambda lora: (lora, HEADERS["plain"], lora, HEADERS["plain"]),
    "alpha in the header, no prefix": lambda lora: (
        without_prefix(lora),
        HEADERS["plain"],
        lora,
        HEADERS["plain"],
    ),
    "alpha patterns in the header": lambda lora: (
        lora,
        HEADERS["pattern"],
        lora,
        HEADERS["pattern"],
    ),
    "rank-stabilised, in the header": lambda lora: (
        lora,
        HEADERS["rslora"],
        lora,
        HEADERS["rslora"],
    ),
    "kohya": lambda lora: (kohya_form(lora, 0.5), None, with_alphas(lora, RANK / 2), None),
    "comfyui": lambda lora: (comfy_form(lora, 1.0), None, lora, None),
}


@pytest.mark.parametrize("strength", [1.0, 0.5, -1.0, 0.0])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_same_as_diffusers(run, model, vae, loras, form, strength):
    tested, header, canonical, canonical_header = form(published_lora())
    name = saved(loras, tested, header, "tested")
    reference = saved(loras, canonical, canonical_header, "reference")

    with_lora, report = run("LoadTryonLoRA", model=model, lora_name=name, strength=strength)
    got = packed(run, with_lora, vae, CASE).sampled(run, steps=2)

    transformer = loaded_by_diffusers(loras, (reference, strength))
    want = expected(vae, CASE)
    sigmas = want.sigmas(2)
    assert relative_difference(got, want.sampled(transformer, sigmas=sigmas)) <= SAME
    assert "unmatched: 0" in report


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_lora_shows(transformer, vae, loras, form):
    """Were its effect too small to see, agreement would prove nothing."""
    _, _, canonical, header = form(published_lora())
    reference = saved(loras, canonical, header, "reference")
    want = expected(vae, CASE)
    sigmas = want.sigmas(2)
    plain = want.sampled(transformer, sigmas=sigmas)
    dressed = want.sampled(loaded_by_diffusers(loras, (reference, 1.0)), sigmas=sigmas)
    assert relative_difference(dressed, plain) > 50 * SAME


@pytest.mark.parametrize(
    "modules, matched",
    [pytest.param(DOUBLE_MODULES, 16, id="double"), pytest.param(ALL_MODULES, 24, id="all")],
)
def test_report(run, model, loras, modules, matched):
    name = saved(loras, published_lora(modules), name="dev_lora_any2any_tryon")
    _, report = run("LoadTryonLoRA", model=model, lora_name=name)
    for fact in (f"matched: {matched}", "unmatched: 0", f"rank: {RANK}", "try-on", "MB"):
        assert fact in report


def test_unmatched_keys_are_reported(run, model, loras):
    lora = published_lora(DOUBLE_MODULES)
    stranger = "transformer.transformer_blocks.99.attn.to_q"
    for end in ("lora_A.weight", "lora_B.weight"):
        lora[f"{stranger}.{end}"] = lora[
            f"transformer.transformer_blocks.0.attn.to_q.{end}"
        ].clone()
    _, report = run("LoadTryonLoRA", model=model, lora_name=saved(loras, lora))
    assert "unmatched: 1" in report
    assert stranger in report


@pytest.mark.parametrize(
    "files, layout",
    [
        pytest.param([("dev_lora_tryon_vitonhd_512", None)], "vitonhd", id="published name"),
        pytest.param([("mine", None)], "any2any", id="says nothing"),
        pytest.param([("mine", "canvas")], "canvas", id="own header"),
        pytest.param(
            [("dev_lora_tryon_vitonhd_512", "any2any")], "any2any", id="header beats name"
        ),
        pytest.param(
            [("dev_lora_tryon_vitonhd_512", None), ("style", None)],
            "vitonhd",
            id="the last one with a say",
        ),
        pytest.param(
            [("dev_lora_tryon_vitonhd_512", None), ("dev_lora_any2any_tryon", None)],
            "any2any",
            id="the last one",
        ),
    ],
)
def test_layout_auto(run, transformer, model, vae, loras, files, layout):
    """Strength 0, so that only the mark is left of each LoRA."""
    lora = published_lora(DOUBLE_MODULES)
    marked = model
    for name, declared in files:
        header = {"any2any": f'{{"layout": "{declared}"}}'} if declared else None
        marked, _ = run(
            "LoadTryonLoRA", model=marked, lora_name=saved(loras, lora, header, name), strength=0.0
        )
    auto = TryOn(CASE.person, CASE.garments, layout="auto")
    named = TryOn(CASE.person, CASE.garments, layout=layout)
    got = packed(run, marked, vae, auto).sampled(run, steps=2)
    want = expected(vae, named)
    assert relative_difference(got, want.sampled(transformer, sigmas=want.sigmas(2))) <= 1e-5
