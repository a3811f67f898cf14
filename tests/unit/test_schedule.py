"""The schedule, against numbers of the published pipeline."""

import pytest
import torch

from any2any_core.schedule import canvas_mu, denoise_sigmas, reference_sigmas


@pytest.mark.parametrize(
    ("tokens", "mu"),
    [
        pytest.param(256, 0.5, id="base"),
        pytest.param(4096, 1.15, id="max"),
        pytest.param(3 * 1728, 1.334, id="try-on-768x576"),
        pytest.param(1728, 0.749, id="target-alone"),
    ],
)
def test_mu_grows_with_the_whole_canvas(tokens, mu):
    assert canvas_mu(tokens) == pytest.approx(mu, abs=5e-4)


@pytest.mark.parametrize("steps", [1, 6, 30])
def test_sigmas_are_those_of_diffusers(steps):
    diffusers = pytest.importorskip("diffusers")
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)
    scheduler.set_timesteps(
        sigmas=torch.linspace(1, 1 / steps, steps).tolist(), mu=canvas_mu(5184), device="cpu"
    )
    torch.testing.assert_close(
        reference_sigmas(steps, canvas_mu(5184)), scheduler.sigmas, atol=1e-6, rtol=0
    )


@pytest.mark.parametrize(
    ("denoise", "total"),
    [pytest.param(0.5, 20, id="half"), pytest.param(0.4, 25, id="second-pass")],
)
def test_denoise_runs_the_last_steps_of_a_longer_schedule(denoise, total):
    assert torch.equal(denoise_sigmas(10, 1.0, denoise), reference_sigmas(total, 1.0)[-11:])


def test_nothing_to_denoise_has_no_sigmas():
    assert len(denoise_sigmas(10, 1.0, 0)) == 0


@pytest.mark.parametrize(
    ("steps", "denoise", "message"),
    [
        pytest.param(0, 1, "steps is 0", id="no-steps"),
        pytest.param(10, 1.5, "denoise is 1.5", id="too-much"),
        pytest.param(10, -0.1, "denoise is -0.1", id="negative"),
    ],
)
def test_impossible_schedules_are_refused(steps, denoise, message):
    with pytest.raises(ValueError, match=message):
        denoise_sigmas(steps, 1.0, denoise)
