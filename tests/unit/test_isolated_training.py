"""Isolated conditions: two calls of one transformer against one masked computation over all."""

from __future__ import annotations

import copy

import pytest
import torch
from oracle import isolated as oracle
from peft import LoraConfig

from any2any_core.layout import ANY2ANY, Layout
from any2any_core.panels import GARMENT, PERSON
from any2any_core.positions import Grid, adaptive_ids
from devtools.flux import POOLED, TEXT, flux_transformer
from training.isolated import isolate, isolated_velocity, kept_conditions, velocity_beside
from training.lora.modules import PUBLISHED

GRIDS = [Grid(3, 2), Grid(3, 3)]
IDS = adaptive_ids(Layout(ANY2ANY, (PERSON, GARMENT)), Grid(3, 2), GRIDS)
TARGETS = 6


def small_transformer(blocks: int = 2):
    """Return so many blocks of each kind with a LoRA, all of random weights."""
    torch.manual_seed(0)
    transformer = flux_transformer(2, (4, 6, 6), blocks, blocks)
    config = LoraConfig(r=4, lora_alpha=4, target_modules=PUBLISHED, init_lora_weights=False)
    transformer.requires_grad_(False).add_adapter(config)
    for name, weight in transformer.named_parameters():
        if weight.ndim == 1 and "norm_" in name:
            torch.nn.init.uniform_(weight, 0.5, 2.5)
    return transformer


@pytest.fixture(scope="module")
def plain():
    return small_transformer()


@pytest.fixture(scope="module")
def isolated():
    transformer = small_transformer()
    isolate(transformer)
    return transformer


@pytest.fixture(scope="module")
def inputs() -> tuple:
    generator = torch.Generator().manual_seed(1)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    sigmas, guidance = torch.tensor([0.9, 0.3]), torch.full((2,), 3.5)
    return draw(2, len(IDS), 64), TARGETS, sigmas, IDS, draw(2, 5, TEXT), draw(2, POOLED), guidance


def difference(got: torch.Tensor, expected: torch.Tensor) -> float:
    return ((got - expected).norm() / expected.norm()).item()


def lora_gradients(transformer, velocity, inputs) -> torch.Tensor:
    """Return the gradients of all LoRA weights, one after the other."""
    weights = [weight for weight in transformer.parameters() if weight.requires_grad]
    loss = velocity(transformer, *inputs).square().mean()
    gradients = torch.autograd.grad(loss, weights, allow_unused=True)
    return torch.cat([torch.zeros(0) if one is None else one.flatten() for one in gradients])


def test_two_calls_are_the_masked_computation(plain, isolated, inputs):
    with torch.no_grad():
        got = isolated_velocity(isolated, *inputs)
        expected = oracle.isolated_velocity(plain, *inputs)
    assert difference(got, expected) < 1e-5


def test_gradients_flow_through_both_calls(plain, isolated, inputs):
    got = lora_gradients(isolated, isolated_velocity, inputs)
    expected = lora_gradients(plain, oracle.isolated_velocity, inputs)
    assert difference(got, expected) < 1e-5


def test_gradient_checkpointing_changes_no_gradient(isolated, inputs):
    expected = lora_gradients(isolated, isolated_velocity, inputs)
    checkpointed = copy.deepcopy(isolated)
    checkpointed.enable_gradient_checkpointing()
    torch.testing.assert_close(lora_gradients(checkpointed, isolated_velocity, inputs), expected)


def test_one_set_of_keys_serves_every_noise_level(isolated, inputs):
    tokens, targets, _, ids, text, pooled, guidance = inputs
    with torch.no_grad():
        kept = kept_conditions(isolated, tokens[:, targets:], ids[targets:], guidance)
        for level in (1.0, 0.2):
            sigmas = torch.full((2,), level)
            target = level * tokens[:, :targets]
            sequence = torch.cat([target, tokens[:, targets:]], dim=1)
            beside = (target, sigmas, ids[:targets], text, pooled, guidance)
            got = velocity_beside(isolated, kept, *beside)
            fresh = isolated_velocity(
                isolated, sequence, targets, sigmas, ids, text, pooled, guidance
            )
            torch.testing.assert_close(got, fresh)


def test_other_calls_give_what_they_gave(plain, isolated, inputs):
    tokens, _, sigmas, ids, text, pooled, guidance = inputs
    with torch.no_grad():
        got, expected = (
            one(tokens, text, pooled, sigmas, ids, torch.zeros(5, 3), guidance, return_dict=False)[
                0
            ]
            for one in (isolated, plain)
        )
    assert torch.equal(got, expected)


def test_half_precision_by_autocast(isolated, inputs):
    with torch.no_grad():
        expected = isolated_velocity(isolated, *inputs)
        with torch.autocast("cpu", torch.bfloat16):
            got = isolated_velocity(isolated, *inputs)
    assert difference(got.float(), expected) < 0.05


def test_a_transformer_that_was_not_isolated_is_refused(plain, inputs):
    with pytest.raises(ValueError, match="0 of 4 layers kept their keys"):
        isolated_velocity(plain, *inputs)


@pytest.mark.slow
def test_traced_by_the_compiler(inputs):
    transformer = small_transformer(blocks=1)
    isolate(transformer)
    expected = lora_gradients(transformer, isolated_velocity, inputs)
    transformer.compile(backend="aot_eager", dynamic=False)
    torch.testing.assert_close(lora_gradients(transformer, isolated_velocity, inputs), expected)
