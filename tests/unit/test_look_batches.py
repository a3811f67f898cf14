"""Batches out of the second pool: each target is the look that condition and prompt ask for."""

from __future__ import annotations

import pytest
import torch
from numbered_looks import BESIDE, PERSONS, numbered_looks

from any2any_core.demo_text import WORDS, token_ids
from any2any_core.prompts import task_prompt
from training.batches import GRID
from training.look_batches import LAYERS, OFF, TRY_ONS, LookBatches, off_prompt
from training.sized import Sized
from training.turns import Draws, Pools, any_job_batch, base_batch, joint_batch, tryon_batch


def panel_numbers(batch) -> list[tuple[int, ...]]:
    """Return the numbers of each row's pictures."""
    return [tuple(map(int, row)) for row in batch.clean[:, :: GRID.tokens, 0].tolist()]


@pytest.mark.parametrize(("job", "table"), [("tryons", TRY_ONS), ("layers", LAYERS)])
def test_target_person_and_garment_are_one_person_s(job, table):
    batch = getattr(LookBatches(numbered_looks(), 0), job)(64)
    found = set()
    for target, person, garment in panel_numbers(batch):
        beside = person - BESIDE
        assert target // 10 == beside // 10 == (garment - 100) // 10
        found.add((beside % 10, target % 10, garment % 10))
    assert found == set(table)
    assert batch.noised == GRID.tokens
    assert (batch.words == torch.tensor(token_ids(task_prompt("try-on")))).all()


def test_the_prompt_says_which_garment_comes_off():
    batch = LookBatches(numbered_looks(), 0).reconstructions(96)
    words = {tuple(token_ids(off_prompt(word))): word for _, _, word in OFF}
    found = {
        (person % 10, garment % 10, words[tuple(prompt)])
        for (garment, person), prompt in zip(panel_numbers(batch), batch.words.tolist())
    }
    assert found == set(OFF)


def test_what_changes_weighs_more():
    batch = LookBatches(numbered_looks(), 0).layers(4)
    assert torch.allclose(batch.weight, torch.tensor(1 + 2 * 0.6))


def drawn(times: int) -> Draws:
    draws = Draws.__new__(Draws)
    draws.looks, draws.times = LookBatches(numbered_looks(), 0), times
    draws.tops = draws.sized = draws.looks  # the same jobs by the same names
    return draws


def test_every_turn_learns_a_picture_or_a_sheet():
    usual, large = drawn(1), drawn(3)
    for step in range(16):
        for turn in (base_batch, joint_batch, any_job_batch, tryon_batch):
            batch = turn(usual, step)
            assert len(turn(large, step).clean) == 3 * len(batch.clean)
            assert batch.clean.shape[1] == batch.ids.shape[0]
            assert batch.weight.shape == (len(batch.clean), batch.noised)
            assert batch.words.shape == (len(batch.clean), WORDS)


def test_held_out_persons_are_not_trained_on():
    looks = numbered_looks()
    latents = torch.arange(PERSONS)
    sized = Sized(latents, latents, latents, latents)
    seen, held_out = Pools(looks, looks, [sized]).split(0.02)
    assert len(held_out.looks.worn) == 1 and len(seen.looks.worn) == PERSONS - 1
    assert held_out.sized[0].target.tolist() == [0]
    assert seen.sized[0].target.tolist() == [*range(1, PERSONS)]
    assert not set(seen.looks.worn.unique().tolist()) & set(held_out.looks.worn.unique().tolist())
