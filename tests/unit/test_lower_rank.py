"""A LoRA brought to a lower rank: what is kept, and that a learner goes on with it."""

from __future__ import annotations

import pytest
import torch
from peft import get_peft_model_state_dict

from training.learner import Learner
from training.lora.lower_rank import at_rank


def a_lora(rank: int, seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        "block.to_q.lora_A.weight": torch.randn(rank, 12, generator=generator),
        "block.to_q.lora_B.weight": torch.randn(9, rank, generator=generator),
    }


def update(lora: dict[str, torch.Tensor]) -> torch.Tensor:
    return lora["block.to_q.lora_B.weight"] @ lora["block.to_q.lora_A.weight"]


def test_the_same_rank_changes_nothing():
    lora = a_lora(5)
    torch.testing.assert_close(update(at_rank(lora, 5)), update(lora))


def test_what_was_of_the_lower_rank_is_kept_whole():
    low = a_lora(2)
    wide = {
        "block.to_q.lora_A.weight": torch.cat([low["block.to_q.lora_A.weight"]] * 3),
        "block.to_q.lora_B.weight": torch.cat([low["block.to_q.lora_B.weight"] / 3] * 3, dim=1),
    }
    narrow = at_rank(wide, 2)
    assert {name: tuple(weight.shape) for name, weight in narrow.items()} == {
        "block.to_q.lora_A.weight": (2, 12),
        "block.to_q.lora_B.weight": (9, 2),
    }
    torch.testing.assert_close(update(narrow), update(low))


@pytest.mark.parametrize("rank", [1, 3, 4])
def test_no_lora_of_that_rank_is_nearer(rank):
    """The error of the nearest one is what the singular values left out come to."""
    lora = a_lora(5)
    lost = torch.linalg.svdvals(update(lora))[rank:].square().sum().sqrt()
    torch.testing.assert_close((update(at_rank(lora, rank)) - update(lora)).norm(), lost)


def test_a_learner_goes_on_with_it_alone():
    learner = Learner()
    learner.add_lora()
    for name, weight in learner.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    wanted = at_rank(get_peft_model_state_dict(learner.transformer), 8)
    learner.lower_rank(8)
    torch.testing.assert_close(get_peft_model_state_dict(learner.transformer), wanted)
    trained = [name for name, weight in learner.named_parameters() if weight.requires_grad]
    assert len(trained) == len(wanted)
    assert all("lora_" in name for name in trained)
