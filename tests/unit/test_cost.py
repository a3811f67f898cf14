"""Costs against figures that torch counted on ComfyUI's own Flux, and the words for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from any2any_core.cost import (
    FluxSize,
    StepCost,
    announced,
    arithmetic,
    duration,
    estimated,
    memory_words,
    preview_words,
    settled,
)
from any2any_core.reuse import EVERY_STEP, ReusePlan

FLUX_DEV = FluxSize(hidden=3072, blocks=57)
TEXT = 512
THIRD = ReusePlan(refresh_every=3)
SIX_STEPS = [1.0, 0.9, 0.7, 0.5, 0.3, 0.1, 0.0]


def try_on(panel: int, garments: int = 1, pictures: int = 1) -> StepCost:
    """Return the cost with panels of so many tokens: the target, a person and garments."""
    return StepCost(FLUX_DEV, TEXT, panel, panel * (1 + garments), pictures)


@pytest.mark.parametrize(
    "panel, garments, full, ratio, reusing",
    [
        pytest.param(1296, 1, 70.4, 2.74, 0.411, id="576x576"),
        pytest.param(1728, 1, 96.3, 2.97, 0.393, id="768x576"),
        pytest.param(3072, 1, 191.9, 3.47, 0.368, id="1024x768"),
        pytest.param(3072, 3, 381.4, 6.90, None, id="1024x768, 3 garments"),
    ],
)
def test_a_step_costs_what_torch_counts(panel, garments, full, ratio, reusing):
    cost = try_on(panel, garments)
    assert cost.full / 1e12 == pytest.approx(full, abs=0.05)
    assert cost.ratio == pytest.approx(ratio, abs=0.006)
    if reusing is not None:  # counted with the last block's saving of about 1 %
        assert cost.reusing / cost.full == pytest.approx(reusing, abs=0.01)


def test_a_batch_costs_so_many_times_a_picture():
    assert try_on(1728, pictures=4).full == 4 * try_on(1728).full
    assert try_on(1728, pictures=4).ratio == try_on(1728).ratio


def test_a_run_is_its_full_and_its_reusing_steps():
    cost = try_on(1728)
    full, less = cost.full, cost.reusing
    assert cost.steps(SIX_STEPS, THIRD) == [full, less, less, full, less, less]
    assert cost.steps(SIX_STEPS, EVERY_STEP) == [full] * 6


def test_isolated_conditions_cost_their_own_pass_and_no_step():
    """2.5 times less in 30 steps at 1024x768, and 3.9 times with three garments."""
    for garments, times in ((1, 2.5), (3, 3.9)):
        cost = try_on(3072, garments)
        isolated = replace(cost, isolated=True)
        assert isolated.full == isolated.reusing == cost.reusing
        assert isolated.before == FLUX_DEV.flops(cost.conditions, cost.conditions)
        sigmas = [1 - step / 30 for step in range(31)]
        plain, less = (sum(one.steps(sigmas, EVERY_STEP)) for one in (cost, isolated))
        assert plain / less == pytest.approx(times, rel=0.05)
        assert isolated.steps(sigmas, THIRD) == isolated.steps(sigmas, EVERY_STEP)


def test_with_isolated_conditions_no_reuse_is_announced():
    isolated = replace(try_on(1728), isolated=True)
    words = [
        *preview_words(isolated, SIX_STEPS, THIRD, None),
        announced([isolated], SIX_STEPS, THIRD),
    ]
    assert not any("condition reuse" in line for line in words)


@pytest.mark.parametrize(
    "flops, text",
    [(2.889e15, "2,889 TFLOP"), (96.31e12, "96.3 TFLOP"), (2.13e10, "21.3 GFLOP")],
)
def test_arithmetic_in_words(flops, text):
    assert arithmetic(flops) == text


@pytest.mark.parametrize(
    "seconds, text", [(0.4123, "0.41 s"), (9.6, "9.6 s"), (31.4, "31 s"), (204.0, "3.4 min")]
)
def test_time_in_words(seconds, text):
    assert duration(seconds) == text


def test_the_preview_says_steps_run_and_time():
    lines = preview_words(try_on(1728), SIX_STEPS, THIRD, rate=100e12)
    assert lines == [
        "a step: 96.3 TFLOP, 2.97 times the target alone",
        "6 steps: 578 TFLOP, 344 TFLOP with condition reuse; a cfg over 1 doubles it",
        "at the last run's 100 TFLOP/s: 0.96 s a full step, 3.4 s in all",
    ]


def test_the_preview_says_no_time_before_it_knows():
    lines = preview_words(try_on(1728, pictures=4), SIX_STEPS, EVERY_STEP, rate=None)
    assert lines == [
        "a step for 4 pictures: 385 TFLOP, 2.97 times the target alone",
        "6 steps: 2,310 TFLOP; a cfg over 1 doubles it",
    ]


@pytest.mark.parametrize(
    "conditions, kept, lines",
    [
        (2**31, 0, ["the conditions need about 2.00 GB of extra memory"]),
        (
            2**31,
            2**30,
            ["the conditions need about 2.00 GB of extra memory, 1.00 GB are kept between steps"],
        ),
        (None, 2**30, ["1.00 GB are kept between steps"]),
        (None, 0, []),
    ],
)
def test_memory_in_words(conditions, kept, lines):
    assert memory_words(conditions, kept) == lines


def test_the_sampler_says_before_during_and_after():
    two = [try_on(1728), try_on(1728)]
    assert announced(two[:1], SIX_STEPS, EVERY_STEP) == (
        "5,696 tokens, 96.3 TFLOP a step, 578 TFLOP for 6 steps"
    )
    assert announced(two, SIX_STEPS, THIRD) == (
        "5,696 tokens, 193 TFLOP a step, 1,155 TFLOP for 6 steps, 688 TFLOP with condition reuse"
    )
    assert estimated(2.0, [4.0, 1.0, 1.0, 4.0]) == "the first step took 2 s, about 3 s to go"
    assert settled(6, 12.0, 50e12) == "6 steps in 12 s, 50 TFLOP/s"
