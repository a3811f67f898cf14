"""The layout `isolated` in real ComfyUI, held against one masked computation on diffusers' side."""

from __future__ import annotations

import contextlib
import gc
import inspect
import itertools
import weakref
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from condition_reuse import reused
from control_stub import control_stub, random_residuals
from core_nodes import easycache
from lora_files import loaded_by_diffusers, published_lora, saved
from oracle.isolated import IsolatedTransformer
from oracle.method import raw, relative_difference, scaled, velocity
from oracle.noise import comfy_noise
from oracle.schedule import last_part
from small_flux import (
    DOUBLE,
    HIDDEN,
    SINGLE,
    TEXT_TOKENS,
    model_patcher,
    random_text,
    random_transformer,
)
from tryon import NEGATIVE_TEXT, SEED, STEPS, Photo, TryOn, conditions_of, expected, packed
from watched import tokens_seen

from devtools.bfl import bfl_weights

EXACT = 1e-5

TRY_ON = TryOn(Photo(60, 90), (Photo(40, 64),), layout="isolated")
TARGET = TRY_ON.width * TRY_ON.height // 256

CASES = {
    "person and garment": TRY_ON,
    "two garments": replace(TRY_ON, garments=(Photo(40, 64), Photo(90, 64))),
    "person alone": replace(TRY_ON, garments=()),
    "a garment alone, fewer tokens than the target": replace(TRY_ON, person=None),
    "batch": replace(TRY_ON, person=Photo(60, 90, batch=2), garments=(Photo(40, 64, batch=2),)),
    "cfg": replace(TRY_ON, cfg=3.0),
    "cfg and a negative": replace(TRY_ON, cfg=3.0, negative=True),
    "cfg and a batch": replace(TRY_ON, garments=(Photo(40, 64, batch=2),), cfg=3.0),
    "another guidance": replace(TRY_ON, guidance=2.0),
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def masked(transformer, case: TryOn, vae) -> IsolatedTransformer:
    return IsolatedTransformer(transformer, conditions_of(case, vae))


def wanted(transformer, case: TryOn, vae) -> torch.Tensor:
    return expected(vae, case).sampled(masked(transformer, case, vae))


@cases
def test_it_is_the_masked_computation(run, transformer, model, vae, case):
    got = packed(run, model, vae, case).sampled(run, cfg=case.cfg)
    assert relative_difference(got, wanted(transformer, case, vae)) <= EXACT


def test_the_mask_and_the_conditions_own_timestep_show(transformer, vae):
    """Were the oracle blind to them, agreement would prove nothing."""
    plain = expected(vae, TRY_ON).sampled(transformer)
    assert relative_difference(wanted(transformer, TRY_ON, vae), plain) > 500 * EXACT


@pytest.mark.parametrize(
    "case, passes",
    [
        pytest.param(TRY_ON, 1, id="one"),
        pytest.param(replace(TRY_ON, cfg=3.0), 1, id="both sides of a cfg in one batch"),
    ],
)
def test_the_conditions_are_computed_once(run, model, vae, case, passes):
    pack = packed(run, model, vae, case)
    seen = tokens_seen(run, pack, cfg=case.cfg)
    assert seen == [conditions_of(case, vae)] * passes + [TARGET] * STEPS


def test_heun(run, transformer, model, vae):
    """A second-order sampler calls between the steps' sigmas too: the cache serves them all."""
    pack = packed(run, model, vae, TRY_ON)
    want = expected(vae, TRY_ON)
    side, latent = masked(transformer, TRY_ON, vae), comfy_noise(want.shape, SEED)
    for sigma, following in pairwise(want.sigmas(STEPS).tolist()):
        first = velocity(side, latent, sigma, want.positive)
        there = latent + (following - sigma) * first
        if following:
            first = (first + velocity(side, there, following, want.positive)) / 2
        latent = latent + (following - sigma) * first
    got = pack.sampled(run, sampler_name="heun")
    assert relative_difference(got, raw(latent)) <= EXACT
    assert tokens_seen(run, pack, sampler_name="heun").count(TARGET) == 2 * STEPS - 1


def test_stock_sampler(run, transformer, model, vae):
    import nodes

    pack = packed(run, model, vae, TRY_ON)
    with torch.inference_mode():
        (got,) = nodes.KSampler().sample(
            pack.model, SEED, STEPS, 1.0, "euler", "simple",
            pack.positive, pack.negative, pack.latent, 1.0,
        )  # fmt: skip
    assert relative_difference(got["samples"], wanted(transformer, TRY_ON, vae)) <= 1e-3


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(TRY_ON, garments=(Photo(90, 64),)), id="another garment"),
        pytest.param(replace(TRY_ON, layout="any2any"), id="another layout"),
    ],
)
def test_several_conditionings_in_one_run(run, transformer, model, vae, other):
    """Each has its own conditions, of its own kind; one patched model serves both."""
    first = packed(run, model, vae, TRY_ON)
    second = packed(run, first.model, vae, other, positive=random_text(NEGATIVE_TEXT))
    got = first.sampled(run, model=second.model, negative=second.positive, cfg=3.0)

    want = expected(vae, TRY_ON)
    text, values = random_text(NEGATIVE_TEXT)[0]
    negative = expected(vae, other).positive.with_text(text, values["pooled_output"])
    its = masked(transformer, other, vae) if other.layout == "isolated" else transformer
    latent = comfy_noise(want.shape, SEED)
    for sigma, following in pairwise(want.sigmas(STEPS).tolist()):
        with_it = velocity(masked(transformer, TRY_ON, vae), latent, sigma, want.positive)
        without = velocity(its, latent, sigma, negative)
        latent = latent + (following - sigma) * (without + 3.0 * (with_it - without))
    assert relative_difference(got, raw(latent)) <= EXACT


def test_second_pass(run, transformer, model, vae):
    import comfy.utils

    pack = packed(run, model, vae, TRY_ON)
    small = pack.sampled(run, steps=2)
    large = comfy.utils.common_upscale(small, 16, 12, "bislerp", "disabled")
    got = pack.sampled(run, latent={"samples": large}, steps=4, denoise=0.5)
    want = replace(expected(vae, TRY_ON), shape=tuple(large.shape))
    sigmas = last_part(4, 0.5, want.image_seq_len)
    start = sigmas[0] * comfy_noise(want.shape, SEED) + (1 - sigmas[0]) * scaled(large)
    side = masked(transformer, TRY_ON, vae)
    assert relative_difference(got, want.sampled(side, start, sigmas)) <= EXACT


def test_second_pass_of_odd_latents(run, model, vae):
    pack = packed(run, model, vae, TRY_ON)
    large = torch.zeros(1, 16, 12, 15)
    got = pack.sampled(run, latent={"samples": large}, steps=2, denoise=0.5)
    assert got.shape == large.shape
    assert torch.isfinite(got).all()


def test_loras(run, model, vae, loras):
    """The header picks the layout, and what the conditions are computed with has both LoRAs."""
    header = {"any2any": '{"layout": "isolated", "task": "try-on"}'}
    names = [
        saved(loras, published_lora(seed=1), header, name="mine"),
        saved(loras, published_lora(seed=2), name="other"),
    ]
    dressed, report = run("LoadTryonLoRA", model=model, lora_name=names[0], strength=0.8)
    dressed, _ = run("LoadTryonLoRA", model=dressed, lora_name=names[1], strength=0.5)
    assert "layout: isolated" in report
    pack = packed(run, dressed, vae, replace(TRY_ON, layout="auto"))
    assert "layout=isolated" in pack.positive[0][1]["reference_latents_method"]
    transformer = loaded_by_diffusers(loras, (names[0], 0.8), (names[1], 0.5))
    want = wanted(transformer, TRY_ON, vae)
    assert relative_difference(pack.sampled(run), want) <= 10 * EXACT


def test_a_lora_on_a_schedule(run, model, vae):
    """ComfyUI's hooks change weights within a run: the conditions are computed anew."""
    import comfy.hooks

    keyframes = comfy.hooks.HookKeyframeGroup()
    for strength, start in ((1.0, 0.0), (0.2, 0.5)):
        keyframes.add(comfy.hooks.HookKeyframe(strength, start, 0))
    hooks = comfy.hooks.create_hook_lora(published_lora(), 1.0, 0.0)
    hooks.set_keyframes_on_hooks(keyframes)
    pack = packed(run, model, vae, TRY_ON)
    text, values = pack.positive[0]
    seen = tokens_seen(run, pack, positive=[[text, {**values, "hooks": hooks}]])
    assert seen.count(conditions_of(TRY_ON, vae)) == 2
    assert seen.count(TARGET) == STEPS


def test_a_guidance_that_changes(run, model, vae):
    """Another node may change it within a run: the conditions are computed anew."""

    def lower_at_the_end(apply_model, call):
        values = dict(call["c"])
        if call["timestep"].max() < 0.6:
            values["guidance"] = torch.full_like(values["guidance"], 2.0)
        return apply_model(call["input"], call["timestep"], **values)

    pack = packed(run, model, vae, TRY_ON)
    clone = pack.model.clone()
    clone.set_model_unet_function_wrapper(lower_at_the_end)
    seen = tokens_seen(run, replace(pack, model=clone))
    assert seen.count(conditions_of(TRY_ON, vae)) == 2
    assert seen.count(TARGET) == STEPS


def test_controlnet(run, transformer, model, vae):
    pack = packed(run, model, vae, TRY_ON)
    residuals = random_residuals(TARGET)
    text, values = pack.positive[0]
    got = pack.sampled(run, positive=[[text, {**values, "control": control_stub(residuals)}]])
    want = expected(vae, TRY_ON)
    want = replace(want, positive=replace(want.positive, control=residuals))
    side = masked(transformer, TRY_ON, vae)
    assert relative_difference(got, want.sampled(side)) <= EXACT
    assert relative_difference(got, wanted(transformer, TRY_ON, vae)) > 100 * EXACT


@pytest.mark.parametrize("first", ["easycache first", "pack first"])
def test_easycache(run, transformer, model, vae, first):
    """The conditions' pass is none of EasyCache's steps."""

    def both(reuse_threshold: float):
        if first == "pack first":
            pack = packed(run, model, vae, TRY_ON)
            return replace(pack, model=easycache(pack.model, reuse_threshold))
        return packed(run, easycache(model, reuse_threshold), vae, TRY_ON)

    got = both(0.0).sampled(run)
    assert relative_difference(got, wanted(transformer, TRY_ON, vae)) <= EXACT
    seen = tokens_seen(run, both(3.0))
    assert seen[0] == conditions_of(TRY_ON, vae)
    assert 0 < seen.count(TARGET) < STEPS
    assert len(seen) == 1 + seen.count(TARGET)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float8_e4m3fn], ids=["bf16", "fp8"])
def test_stored_in_fewer_bits(run, vae, dtype):
    rounded = random_transformer()
    rounded.load_state_dict(
        {name: weight.to(dtype).float() for name, weight in rounded.state_dict().items()}
    )
    model = model_patcher(bfl_weights(random_transformer().state_dict()), dtype)
    got = packed(run, model, vae, TRY_ON).sampled(run)
    assert relative_difference(got, wanted(rounded, TRY_ON, vae)) <= EXACT


def test_tokens_of_another_node_stay_in_the_step(run, model, vae):
    """They stand behind the conditions, and only these are left out of the step."""

    def longer(tokens: dict) -> dict:
        return tokens | {
            name: torch.cat((tokens[name], tokens[name][:, :4]), 1) for name in ("img", "img_ids")
        }

    clone = model.clone()
    clone.set_model_patch(longer, "post_input")
    seen = tokens_seen(run, packed(run, clone, vae, TRY_ON))
    assert seen == [conditions_of(TRY_ON, vae)] + [TARGET + 4] * STEPS


@pytest.mark.parametrize("first", ["reuse first", "pack first"])
@pytest.mark.parametrize("mode", ["exact", "balanced", "fast"])
def test_condition_reuse_on_top_adds_the_last_block_alone(
    run, transformer, model, vae, mode, first
):
    if first == "reuse first":
        pack = packed(run, reused(run, model, mode=mode), vae, TRY_ON)
    else:
        pack = packed(run, model, vae, TRY_ON)
        pack = replace(pack, model=reused(run, pack.model, mode=mode))
    lengths = []
    linear = model.model.diffusion_model.single_blocks[-1].linear2
    hook = linear.register_forward_pre_hook(lambda _, inputs: lengths.append(inputs[0].shape[1]))
    try:
        got = pack.sampled(run)
    finally:
        hook.remove()
    assert relative_difference(got, wanted(transformer, TRY_ON, vae)) <= EXACT
    conditions = conditions_of(TRY_ON, vae)
    assert sorted(lengths) == sorted([1 + conditions, TEXT_TOKENS + TARGET] + [TARGET] * STEPS)


def test_nothing_leaks_into_the_next_run(run, transformer, model, vae):
    """Other pictures of the same size, another prompt, another seed: nothing of them is seen."""
    pack = packed(run, model, vae, TRY_ON)
    other = packed(run, pack.model, vae, TRY_ON, positive=random_text(NEGATIVE_TEXT))
    for _, values in other.positive:
        values["reference_latents"] = [one + 1 for one in values["reference_latents"]]
    other.sampled(run, model=pack.model, seed=1)
    want = wanted(transformer, TRY_ON, vae)
    assert relative_difference(pack.sampled(run), want) <= EXACT


@pytest.mark.parametrize("end", ["done", "cancelled", "failed"])
def test_the_conditions_are_let_go(run, node_classes, model, vae, monkeypatch, end):
    from comfy.model_management import InterruptProcessingException

    isolated = inspect.getmodule(
        inspect.getmodule(node_classes["AdaptivePositionPack"]).with_isolated_conditions
    )
    made = []
    original = isolated.ConditionCache

    def watched(conditions: int):
        cache = original(conditions)
        made.append(weakref.ref(cache))
        return cache

    monkeypatch.setattr(isolated, "ConditionCache", watched)
    errors = {"cancelled": InterruptProcessingException, "failed": RuntimeError}
    calls = itertools.count()

    def ends(*_):
        if end in errors and next(calls) == 3:
            raise errors[end]

    hook = model.model.diffusion_model.single_blocks[0].register_forward_pre_hook(ends)
    try:
        with pytest.raises(errors[end]) if end in errors else contextlib.nullcontext():
            packed(run, model, vae, TRY_ON).sampled(run)
    finally:
        hook.remove()
    gc.collect()
    assert made and all(cache() is None for cache in made)


def test_outside_a_run_every_call_computes_its_conditions(run, transformer, model, vae):
    """Whoever calls the model without ComfyUI's samplers gets the same, only slower."""
    pack = packed(run, model, vae, TRY_ON)
    want = expected(vae, TRY_ON)
    latent = comfy_noise(want.shape, SEED)
    text, values = pack.positive[0]
    diffusion_model = pack.model.model.diffusion_model
    wrappers = {
        kind: {key: list(ones) for key, ones in keyed.items()}
        for kind, keyed in pack.model.wrappers.items()
    }
    with torch.inference_mode():
        got = diffusion_model(
            latent,
            torch.tensor([0.7]),
            context=text,
            y=values["pooled_output"],
            guidance=torch.tensor([3.5]),
            ref_latents=[scaled(one) for one in values["reference_latents"]],
            ref_latents_method=values["reference_latents_method"],
            transformer_options={"wrappers": wrappers},
        )
    side = masked(transformer, TRY_ON, vae)
    assert relative_difference(got, velocity(side, latent, 0.7, want.positive)) <= EXACT


@pytest.mark.parametrize("cfg, caches", [(1.0, 1), (3.0, 2)], ids=["cfg 1", "cfg 3"])
def test_comfyui_reserves_the_cache(run, model, vae, monkeypatch, cfg, caches):
    import comfy.model_management

    asked = []
    load = comfy.model_management.load_models_gpu

    def asking(models, memory_required=0, **kwargs):
        asked.append(memory_required)
        return load(models, memory_required=memory_required, **kwargs)

    monkeypatch.setattr(comfy.model_management, "load_models_gpu", asking)
    packs = [
        packed(run, model, vae, replace(TRY_ON, layout=name)) for name in ("any2any", "isolated")
    ]
    packs.append(replace(packs[1], model=reused(run, packs[1].model, mode="balanced")))
    asked.clear()
    for pack in packs:
        pack.sampled(run, cfg=cfg)
    conditions = conditions_of(TRY_ON, vae)
    kept = (DOUBLE + SINGLE) * conditions + conditions + TARGET + TEXT_TOKENS
    needed = caches * 2 * 4 * HIDDEN * kept
    a_cell = model.model.memory_required([1, 16, 1, 1])  # ComfyUI counts in these
    assert needed <= asked[1] - asked[0] <= needed + caches * a_cell * 1.01
    assert asked[2] == asked[1]


def test_a_style_models_mask_is_refused(run, model, vae):
    pack = packed(run, model, vae, TRY_ON)
    text, values = pack.positive[0]
    tokens = TEXT_TOKENS + TARGET
    mask = {"attention_mask": torch.ones(1, tokens, tokens), "attention_mask_img_shape": (4, 5)}
    with pytest.raises(ValueError, match="take the style model out"):
        pack.sampled(run, positive=[[text, {**values, **mask}]])


def test_blocks_whose_attention_is_another_nodes_are_told(run, model, vae, caplog):
    clone = model.clone()
    clone.set_model_patch_replace(
        lambda args, extra: {"img": args["img"], "txt": args["txt"]}, "dit", "double_block", 1
    )
    got = packed(run, clone, vae, TRY_ON).sampled(run)
    assert torch.isfinite(got).all()
    assert caplog.text.count("In 1 of 4 blocks the picture does not see its conditions") == 1


def test_noised_conditions_are_refused(run, model, vae):
    with pytest.raises(ValueError, match="switch clean_conditions on"):
        packed(run, model, vae, replace(TRY_ON, clean=False))


def test_the_input_model_stays_as_it_was(run, model, vae):
    before = repr(model.model_options), repr(model.wrappers)
    pack = packed(run, model, vae, TRY_ON)
    mine = repr(pack.model.model_options), repr(pack.model.wrappers)
    pack.sampled(run)
    assert (repr(model.model_options), repr(model.wrappers)) == before
    assert (repr(pack.model.model_options), repr(pack.model.wrappers)) == mine
    again = packed(run, pack.model, vae, TRY_ON)
    assert repr(again.model.wrappers).count("isolated_wrapper") == 1
