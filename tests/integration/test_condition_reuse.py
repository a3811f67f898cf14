"""Any2AnyConditionReuse in real ComfyUI: held against diffusers, and beside other nodes."""

from __future__ import annotations

import contextlib
import gc
import inspect
import itertools
import logging
import weakref
from dataclasses import replace

import pytest
import torch
from condition_reuse import EVERY_THIRD, reused
from control_stub import control_stub, random_residuals
from core_nodes import easycache, ksampled
from lora_files import loaded_by_diffusers, published_lora, saved
from oracle.method import relative_difference
from oracle.reuse import ReusingTransformer
from small_flux import (
    DOUBLE,
    HIDDEN,
    SINGLE,
    TEXT_TOKENS,
    model_patcher,
    random_text,
    random_transformer,
)
from tryon import POSITIVE_TEXT, STEPS, Photo, TryOn, conditions_of, expected, packed
from watched import Calls, tokens_seen

from devtools.bfl import bfl_weights

EXACT = 1e-5

TRY_ON = TryOn(Photo(60, 90), (Photo(40, 64),))
FULL_OF_SIX = (0, 3)

CASES = {
    "try-on": TRY_ON,
    "two garments": TryOn(Photo(60, 90), (Photo(40, 64), Photo(90, 64))),
    "try-off": TryOn(Photo(60, 90)),
    "model-free": TryOn(None, (Photo(40, 64),)),
    "vitonhd": replace(TRY_ON, layout="vitonhd"),
    "canvas": replace(TRY_ON, layout="canvas"),
    "cfg": replace(TRY_ON, cfg=3.0),
    "cfg and a negative": replace(TRY_ON, cfg=3.0, negative=True),
    "batch": TryOn(Photo(60, 90, batch=2), (Photo(40, 64, batch=2),)),
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def reusing(transformer, case: TryOn, vae, follow: bool = True):
    sigmas = expected(vae, case).sigmas(STEPS).tolist()
    full = [sigmas[i] for i in FULL_OF_SIX]
    return ReusingTransformer(transformer, conditions_of(case, vae), full, follow)


@cases
@pytest.mark.parametrize("first", ["reuse first", "pack first"])
def test_reuse_steps_see_the_conditions_where_their_line_leads(
    run, transformer, model, vae, case, first
):
    if first == "reuse first":
        pack = packed(run, reused(run, model), vae, case)
    else:
        pack = packed(run, model, vae, case)
        pack = replace(pack, model=reused(run, pack.model))
    got = pack.sampled(run, cfg=case.cfg)
    want = expected(vae, case)
    assert relative_difference(got, want.sampled(reusing(transformer, case, vae))) <= EXACT
    assert relative_difference(got, want.sampled(transformer)) > EXACT  # something was reused


def test_held_conditions_are_those_of_the_last_full_step(run, transformer, model, vae):
    held = reused(run, model, **EVERY_THIRD, extrapolate=False)
    got = packed(run, held, vae, TRY_ON).sampled(run)
    want = expected(vae, TRY_ON).sampled(reusing(transformer, TRY_ON, vae, follow=False))
    assert relative_difference(got, want) <= EXACT


@cases
def test_exact_is_the_whole_computation(run, transformer, model, vae, case):
    pack = packed(run, reused(run, model, mode="exact"), vae, case)
    got = pack.sampled(run, cfg=case.cfg)
    assert relative_difference(got, expected(vae, case).sampled(transformer)) <= EXACT


def test_exact_leaves_tokens_of_the_last_block_out(run, model, vae):
    """The last block's second linear sees the target alone, but for one check."""
    seen = []
    linear = model.model.diffusion_model.single_blocks[-1].linear2
    hook = linear.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[1]))
    try:
        pack = packed(run, reused(run, model, mode="exact"), vae, TRY_ON)
        pack.sampled(run)
    finally:
        hook.remove()
    target = TRY_ON.width * TRY_ON.height // 256
    whole = TEXT_TOKENS + target + conditions_of(TRY_ON, vae)
    assert sorted(seen) == [target] * STEPS + [whole]


def test_a_last_block_of_another_make_is_run_whole(run, transformer, model, vae, caplog):
    block = model.model.diffusion_model.single_blocks[-1]
    hook = block.register_forward_hook(lambda _, __, output: 1.1 * output)
    try:
        got = packed(run, reused(run, model, mode="exact"), vae, TRY_ON).sampled(run)
        want = packed(run, model, vae, TRY_ON).sampled(run)
    finally:
        hook.remove()
    assert relative_difference(got, want) <= EXACT
    assert "runs the last block whole" in caplog.text


@pytest.mark.parametrize(
    "sampler, calls",
    [
        pytest.param("euler", "FrrFrr", id="one call a step"),
        pytest.param("heun", "Frrr" + "rFrrr" + "rr", id="two calls a step"),
        pytest.param("dpmpp_2m", "FrrFrr", id="multistep"),
    ],
)
def test_calls_of_a_step_share_its_cache(run, model, vae, sampler, calls):
    pack = packed(run, reused(run, model), vae, TRY_ON)
    target = TRY_ON.width * TRY_ON.height // 256
    whole = target + conditions_of(TRY_ON, vae)
    seen = tokens_seen(run, pack, sampler_name=sampler)
    assert "".join({target: "r", whole: "F"}[one] for one in seen) == calls


def test_second_pass(run, model, vae):
    """An upscaled latent has another schedule and other shapes: its first step is a full one."""
    pack = packed(run, reused(run, model), vae, TRY_ON)
    large = {"samples": torch.zeros(1, 16, 12, 15)}
    seen = tokens_seen(run, pack, latent=large, steps=4, denoise=0.5)
    assert seen[0] > seen[1] and len(seen) == 4


def test_nothing_leaks_into_the_next_run(run, model, vae):
    other = replace(TRY_ON, garments=(Photo(48, 64),))
    both = reused(run, model)
    packed(run, both, vae, other).sampled(run, seed=1)
    after = packed(run, both, vae, TRY_ON).sampled(run)
    assert torch.equal(after, packed(run, reused(run, model), vae, TRY_ON).sampled(run))


@pytest.mark.parametrize("end", ["done", "cancelled", "failed"])
def test_the_cache_is_let_go(run, node_classes, model, vae, monkeypatch, end):
    from comfy.model_management import InterruptProcessingException

    reuse = inspect.getmodule(
        inspect.getmodule(node_classes["Any2AnyConditionReuse"]).with_condition_reuse
    )
    made = []

    def watched(*settings):
        cache = ConditionCache(*settings)
        made.append(weakref.ref(cache))
        return cache

    ConditionCache = reuse.ConditionCache  # noqa: N806
    monkeypatch.setattr(reuse, "ConditionCache", watched)
    errors = {"cancelled": InterruptProcessingException, "failed": RuntimeError}
    calls = itertools.count()

    def ends(*_):
        if end in errors and next(calls) == 2:
            raise errors[end]

    hook = model.model.diffusion_model.single_blocks[0].register_forward_pre_hook(ends)
    try:
        with pytest.raises(errors[end]) if end in errors else contextlib.nullcontext():
            packed(run, reused(run, model), vae, TRY_ON).sampled(run)
    finally:
        hook.remove()
    gc.collect()
    assert made and all(cache() is None for cache in made)


def test_second_lora(run, model, vae, loras):
    names = [saved(loras, published_lora(seed=i), name=str(i)) for i in (1, 2)]
    dressed, _ = run("LoadTryonLoRA", model=reused(run, model), lora_name=names[0], strength=0.8)
    dressed, _ = run("LoadTryonLoRA", model=dressed, lora_name=names[1], strength=0.5)
    got = packed(run, dressed, vae, TRY_ON).sampled(run)
    transformer = loaded_by_diffusers(loras, (names[0], 0.8), (names[1], 0.5))
    want = expected(vae, TRY_ON).sampled(reusing(transformer, TRY_ON, vae))
    assert relative_difference(got, want) <= 10 * EXACT


def test_controlnet(run, transformer, model, vae):
    pack = packed(run, reused(run, model), vae, TRY_ON)
    residuals = random_residuals(TRY_ON.width * TRY_ON.height // 256)
    text, values = pack.positive[0]
    got = pack.sampled(run, positive=[[text, {**values, "control": control_stub(residuals)}]])
    want = expected(vae, TRY_ON)
    want = replace(want, positive=replace(want.positive, control=residuals))
    assert relative_difference(got, want.sampled(reusing(transformer, TRY_ON, vae))) <= EXACT


@pytest.mark.parametrize("first", ["easycache first", "reuse first"])
def test_easycache(run, transformer, model, vae, first):
    if first == "reuse first":
        both = easycache(reused(run, model), reuse_threshold=0.0)
    else:
        both = reused(run, easycache(model, reuse_threshold=0.0))
    got = packed(run, both, vae, TRY_ON).sampled(run)
    want = expected(vae, TRY_ON).sampled(reusing(transformer, TRY_ON, vae))
    assert relative_difference(got, want) <= EXACT

    skipping = packed(run, easycache(reused(run, model), reuse_threshold=3.0), vae, TRY_ON)
    with Calls(model) as calls:
        assert torch.isfinite(skipping.sampled(run)).all()
    assert 0 < calls.count < STEPS


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float8_e4m3fn], ids=["bf16", "fp8"])
def test_stored_in_fewer_bits(run, vae, dtype):
    rounded = random_transformer()
    rounded.load_state_dict(
        {name: weight.to(dtype).float() for name, weight in rounded.state_dict().items()}
    )
    model = model_patcher(bfl_weights(random_transformer().state_dict()), dtype)
    got = packed(run, reused(run, model), vae, TRY_ON).sampled(run)
    want = expected(vae, TRY_ON).sampled(reusing(rounded, TRY_ON, vae))
    assert relative_difference(got, want) <= EXACT


def test_another_attention_kernel_is_handed_all_tokens(run, model, vae):
    lengths = []

    def kernel(attend, q, k, *args, **kwargs):
        lengths.append((q.shape[2], k.shape[2]))
        return attend(q, k, *args, **kwargs)

    clone = model.clone()
    clone.model_options["transformer_options"]["optimized_attention_override"] = kernel
    got = packed(run, reused(run, clone), vae, TRY_ON).sampled(run)
    assert len({keys for _, keys in lengths}) == 1
    assert len({queries for queries, _ in lengths}) > 1
    assert torch.equal(got, packed(run, reused(run, model), vae, TRY_ON).sampled(run))


def test_foreign_tokens_turn_it_off(run, model, vae, caplog):
    """Another node's tokens cannot be told from conditions: all is computed, and it is said."""

    def longer(tokens: dict) -> dict:
        return tokens | {
            name: torch.cat((tokens[name], tokens[name][:, :4]), 1) for name in ("img", "img_ids")
        }

    clone = model.clone()
    clone.set_model_patch(longer, "post_input")
    got = packed(run, reused(run, clone), vae, TRY_ON).sampled(run)
    assert relative_difference(got, packed(run, clone, vae, TRY_ON).sampled(run)) <= EXACT
    assert "another node adds tokens" in caplog.text


def test_without_memory_it_runs_without_the_cache(run, model, vae, monkeypatch, caplog):
    import comfy.model_management

    monkeypatch.setattr(comfy.model_management, "get_free_memory", lambda *_, **__: 1000)
    pack = packed(run, model, vae, TRY_ON)
    with caplog.at_level(logging.WARNING):
        got = replace(pack, model=reused(run, pack.model)).sampled(run)
    assert relative_difference(got, pack.sampled(run)) <= EXACT
    assert "GB are free" in caplog.text


def test_with_memory_for_one_full_step_it_holds_what_it_keeps(
    run, transformer, model, vae, monkeypatch, caplog
):
    import comfy.model_management

    fits = 2 * 4 * HIDDEN * tokens_kept(vae, full_steps=1)
    monkeypatch.setattr(comfy.model_management, "get_free_memory", lambda *_, **__: fits)
    with caplog.at_level(logging.INFO):
        got = packed(run, reused(run, model), vae, TRY_ON).sampled(run)
    want = expected(vae, TRY_ON).sampled(reusing(transformer, TRY_ON, vae, follow=False))
    assert relative_difference(got, want) <= EXACT
    assert "holds K and V" in caplog.text


def tokens_kept(vae, full_steps: int) -> int:
    """Return the tokens whose K and V are in a cache and the workspace, over all layers."""
    conditions = conditions_of(TRY_ON, vae)
    target = TRY_ON.width * TRY_ON.height // 256
    return full_steps * (DOUBLE + SINGLE) * conditions + conditions + target + TEXT_TOKENS


@pytest.mark.parametrize("cfg, caches", [(1.0, 1), (3.0, 2)], ids=["cfg 1", "cfg 3"])
@pytest.mark.parametrize("follow", [True, False], ids=["followed", "held"])
def test_comfyui_reserves_the_cache(run, model, vae, monkeypatch, cfg, caches, follow):
    import comfy.model_management

    asked = []
    load = comfy.model_management.load_models_gpu

    def asking(models, memory_required=0, **kwargs):
        asked.append(memory_required)
        return load(models, memory_required=memory_required, **kwargs)

    monkeypatch.setattr(comfy.model_management, "load_models_gpu", asking)
    pack = packed(run, model, vae, TRY_ON)
    asked.clear()
    pack.sampled(run, cfg=cfg)
    mine = reused(run, pack.model, **EVERY_THIRD, extrapolate=follow)
    replace(pack, model=mine).sampled(run, cfg=cfg)
    needed = caches * 2 * 4 * HIDDEN * tokens_kept(vae, full_steps=1 + follow)
    a_cell = pack.model.model.memory_required([1, 16, 1, 1])  # ComfyUI counts in these
    assert needed <= asked[1] - asked[0] <= needed + caches * a_cell * 1.01


def test_noised_conditions_are_never_reused(run, transformer, model, vae):
    case = replace(TRY_ON, clean=False)
    got = packed(run, reused(run, model), vae, case).sampled(run)
    assert relative_difference(got, expected(vae, case).sampled(transformer)) <= EXACT


def test_a_conditioning_without_our_layout_passes_untouched(run, model, vae):
    latent = {"samples": torch.zeros(1, 16, 8, 10)}
    plain, mine = (
        ksampled(one, random_text(POSITIVE_TEXT), latent, shift_of=model)
        for one in (model, reused(run, model))
    )
    assert torch.equal(plain, mine)


def test_the_input_model_stays_as_it_was(run, model, vae):
    before = repr(model.model_options), repr(model.wrappers)
    mine = reused(run, model)
    mine_before = repr(mine.model_options), repr(mine.wrappers)
    packed(run, mine, vae, TRY_ON).sampled(run)
    assert (repr(model.model_options), repr(model.wrappers)) == before
    assert (repr(mine.model_options), repr(mine.wrappers)) == mine_before
    again = reused(run, mine)
    assert repr(again.wrappers).count("ReusingRun") == 1
