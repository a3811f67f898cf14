"""What a run says that it costs, and what it measures, with every sampler."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
import torch
from condition_reuse import EVERY_THIRD, reused
from core_nodes import easycache, ksampled
from small_flux import DOUBLE, HIDDEN, SINGLE, TEXT_TOKENS, random_text
from tryon import POSITIVE_TEXT, STEPS, Photo, TryOn, conditions_of, packed

TRY_ON = TryOn(Photo(60, 90), (Photo(40, 64),))
TARGET = TRY_ON.width * TRY_ON.height // 256


def flops(queries: int, keys: int) -> float:
    """Return a call's FLOPs: 24 h^2 a token and 4 h a pair, in every block."""
    return (DOUBLE + SINGLE) * queries * (24 * HIDDEN**2 + 4 * HIDDEN * keys)


@pytest.fixture
def costs(node_classes):
    """The module that tells and measures; what it remembers is let go."""
    module = inspect.getmodule(
        inspect.getmodule(node_classes["AdaptivePositionPack"]).with_cost_told
    )
    module.RATES.clear()
    yield module
    module.RATES.clear()


@pytest.fixture
def texts(costs, monkeypatch) -> list[str]:
    """What the node that runs has shown."""
    shown: list[str] = []
    monkeypatch.setattr(costs, "show_text", shown.append)
    return shown


@pytest.fixture
def meters(costs, monkeypatch) -> list:
    """The meters of the runs."""
    made = []

    class Watched(costs.Meter):
        def __init__(self, size):
            super().__init__(size)
            made.append(self)

    monkeypatch.setattr(costs, "Meter", Watched)
    return made


@pytest.fixture
def whole(vae) -> int:
    """The tokens of the try-on, text included."""
    return TEXT_TOKENS + TARGET + conditions_of(TRY_ON, vae)


def test_a_run_says_what_it_will_cost_then_how_long(run, model, vae, texts, whole):
    packed(run, model, vae, TRY_ON).sampled(run)
    before, first, end = texts
    step = flops(whole, whole) / 1e9
    assert before == (
        f"{whole:,} tokens, {step:.3g} GFLOP a step, {STEPS * step:.3g} GFLOP for {STEPS} steps"
    )
    assert first.startswith("the first step took ") and first.endswith(" to go")
    assert end.startswith(f"{STEPS} steps in ") and end.endswith("FLOP/s")


def test_the_stock_sampler_says_it_too(run, model, vae, texts):
    pack = packed(run, model, vae, TRY_ON)
    ksampled(pack.model, pack.positive, pack.latent, shift_of=model)
    assert len(texts) == 3


@pytest.mark.parametrize("first", ["reuse first", "pack first"])
def test_reuse_is_in_the_figures(run, model, vae, texts, meters, whole, first):
    if first == "reuse first":
        pack = packed(run, reused(run, model), vae, TRY_ON)
    else:
        pack = packed(run, model, vae, TRY_ON)
        pack = replace(pack, model=reused(run, pack.model, **EVERY_THIRD))
    pack.sampled(run)
    wanted = 2 * flops(whole, whole) + 4 * flops(TEXT_TOKENS + TARGET, whole)
    assert texts[0].endswith(f", {wanted / 1e9:.3g} GFLOP with condition reuse")
    (meter,) = meters
    assert meter.flops == pytest.approx(wanted)


def test_noised_conditions_are_never_reused(run, model, vae, texts):
    packed(run, reused(run, model), vae, replace(TRY_ON, clean=False)).sampled(run)
    assert "condition reuse" not in texts[0]


@pytest.mark.parametrize(
    "sampler, cfg, calls",
    [("euler", 1.0, STEPS), ("euler", 3.0, 2 * STEPS), ("heun", 1.0, 2 * STEPS - 1)],
    ids=["euler", "cfg", "two calls a step"],
)
def test_what_is_measured_is_what_was_computed(run, model, vae, meters, whole, sampler, cfg, calls):
    packed(run, model, vae, TRY_ON).sampled(run, sampler_name=sampler, cfg=cfg)
    (meter,) = meters
    assert meter.flops == pytest.approx(calls * flops(whole, whole))


@pytest.mark.parametrize("first", ["easycache first", "pack first"])
def test_skipped_calls_are_not_counted(run, model, vae, meters, whole, first):
    if first == "pack first":
        pack = packed(run, model, vae, TRY_ON)
        pack = replace(pack, model=easycache(pack.model, reuse_threshold=3.0))
    else:
        pack = packed(run, easycache(model, reuse_threshold=3.0), vae, TRY_ON)
    pack.sampled(run)
    (meter,) = meters
    assert 0 < meter.flops < 0.99 * STEPS * flops(whole, whole)


def test_the_next_preview_knows_the_seconds(run, costs, model, vae):
    first = packed(run, model, vae, TRY_ON)
    assert costs.known_rate(model) is None
    first.sampled(run)
    assert costs.known_rate(model) > 0
    second = packed(run, model, vae, TRY_ON)
    assert second.preview.shape[1] > first.preview.shape[1]


def test_a_cancelled_run_leaves_no_figure(run, costs, model, vae):
    from comfy.model_management import InterruptProcessingException

    def cancels(*_):
        raise InterruptProcessingException

    hook = model.model.diffusion_model.single_blocks[0].register_forward_pre_hook(cancels)
    try:
        with pytest.raises(InterruptProcessingException):
            packed(run, model, vae, TRY_ON).sampled(run)
    finally:
        hook.remove()
    assert costs.known_rate(model) is None


def test_a_conditioning_without_our_layout_says_nothing(run, model, vae, texts):
    pack = packed(run, model, vae, TRY_ON)
    latent = {"samples": torch.zeros(1, 16, 8, 10)}
    ksampled(pack.model, random_text(POSITIVE_TEXT), latent, shift_of=model)
    assert texts == []


def test_the_result_is_the_same(run, model, vae, costs):
    """Measuring changes nothing: the pack's result stays the oracle's in test_exactness."""
    pack = packed(run, model, vae, TRY_ON)
    silent = pack.model.clone()
    silent.remove_wrappers_with_key("sampler_sample", costs.KEY)
    assert torch.equal(pack.sampled(run), replace(pack, model=silent).sampled(run))
