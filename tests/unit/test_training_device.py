"""A training step on a GPU: everything that meets there has come there.

torch's fake tensors know shapes and devices, compute nothing, and need no GPU: an operation on
tensors of two devices fails as it would.
"""

from __future__ import annotations

import pytest
import torch
from numbered_looks import numbered_looks
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from training.ablation.learner import RowLearner
from training.ablation.pool import Pool
from training.ablation.rows import ROWS
from training.ablation.score import sampled
from training.ablation.tryons import drawn_step
from training.learner import Learner
from training.look_batches import LookBatches
from training.stage import Average

GPU = torch.device("cuda", 0)

pytestmark = pytest.mark.filterwarnings("ignore:CUDA is not available")


@pytest.fixture
def fake() -> FakeTensorMode:
    return FakeTensorMode(allow_non_fake_inputs=True)


def moved(module: nn.Module, fake: FakeTensorMode) -> nn.Module:
    """Return the module with weights on the GPU that is not there."""
    for part in module.modules():
        for name, weight in part.named_parameters(recurse=False):
            with fake:
                there = nn.Parameter(torch.empty(weight.shape, device=GPU), weight.requires_grad)
            setattr(part, name, there)
    return module


@pytest.mark.parametrize(
    ("job", "isolated"),
    [("tryons", False), ("tryons", True), ("model_frees", False), ("singles", False)],
)
def test_a_step_of_every_kind(job, isolated, fake):
    """Settled, with isolated conditions, with noise alone, and without the LoRA."""
    learner = Learner()
    learner.add_lora()
    if isolated:
        learner.isolate_conditions()
    moved(learner, fake)
    batch = getattr(LookBatches(numbered_looks(), 0), job)(4)
    with fake:
        average = Average(learner)
        assert learner.loss(batch, torch.Generator()).device == GPU
        average.update(learner)


@pytest.mark.parametrize("name", ["full", "noised", "isolated"])
def test_an_ablations_step_and_picture(name, fake):
    latents = torch.zeros(3, 4, 16, 24, 18)
    tops = torch.zeros(3, 4, dtype=torch.long)
    clothes = torch.zeros(3, 4, 108)
    pool = Pool(latents, latents[0], tops, latents, latents, clothes)
    learner = moved(RowLearner(ROWS[name]), fake)
    step = drawn_step(ROWS[name], pool, 0, 1)
    with fake:
        assert learner.loss(step).device == GPU
        one = torch.empty(2, 16, 24, 18)
        assert sampled(learner, [one, one], one, 2).device == GPU
