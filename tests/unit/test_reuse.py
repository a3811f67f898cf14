"""Which steps are full ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from any2any_core.reuse import PLANS, ReusePlan, step_at

TEN = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]


@pytest.mark.parametrize(
    "plan, full",
    [
        pytest.param(ReusePlan(), [0], id="warm-up alone"),
        pytest.param(ReusePlan(refresh_every=4), [0, 4, 8], id="every fourth"),
        pytest.param(ReusePlan(warm_up=3, refresh_every=4), [0, 1, 2, 6], id="after the warm-up"),
        pytest.param(ReusePlan(final=2), [0, 8, 9], id="final"),
        pytest.param(ReusePlan(full_above=0.75), [0, 1, 2], id="over a sigma"),
        pytest.param(ReusePlan(full_below=0.25), [0, 8, 9], id="under a sigma"),
        pytest.param(PLANS["exact"], list(range(10)), id="exact"),
        pytest.param(PLANS["balanced"], [0, 4, 8], id="balanced"),
        pytest.param(PLANS["fast"], [0], id="fast"),
    ],
)
def test_full_steps(plan, full):
    assert plan.full_steps(TEN) == full


@pytest.mark.parametrize(
    "step, last, due",
    [
        pytest.param(0, None, True, id="nothing to reuse"),
        pytest.param(5, None, True, id="nothing to reuse, later"),
        pytest.param(4, 4, False, id="another call of a full step"),
        pytest.param(5, 4, False, id="between"),
        pytest.param(8, 4, True, id="full"),
        pytest.param(9, 4, True, id="the full one was skipped"),
        pytest.param(9, 8, False, id="nothing was skipped"),
        pytest.param(4, 8, True, id="a schedule that goes back to a full one"),
        pytest.param(3, 8, False, id="a schedule that goes back between"),
    ],
)
def test_due(step, last, due):
    assert ReusePlan(refresh_every=4).is_due(step, last, TEN) is due


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"warm_up": 0}, id="no first step"),
        pytest.param({"refresh_every": -1}, id="refresh"),
        pytest.param({"final": -1}, id="final"),
    ],
)
def test_impossible_plans(settings):
    with pytest.raises(ValueError, match=f"{next(iter(settings))} is .* was expected"):
        ReusePlan(**settings)


@pytest.mark.parametrize(
    "sigma, step",
    [
        pytest.param(1.0, 0, id="first"),
        pytest.param(0.9, 1, id="at a sigma"),
        pytest.param(0.8999999, 1, id="rounded down"),
        pytest.param(0.85, 1, id="a second-order call between two"),
        pytest.param(0.05, 9, id="in the last step"),
        pytest.param(0.0, 9, id="at the end"),
        pytest.param(1.2, 0, id="above the schedule"),
    ],
)
def test_step_at(sigma, step):
    assert step_at(sigma, TEN) == step


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=40, unique_by=lambda s: round(s, 3)))
def test_every_sigma_of_a_schedule_is_its_own_step(values):
    sigmas = [*sorted(values, reverse=True), 0.0]
    assert [step_at(sigma, sigmas) for sigma in sigmas[:-1]] == list(range(len(values)))
