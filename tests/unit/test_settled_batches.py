"""A picture that its conditions settle is learned on the way to the learner's own answer."""

from __future__ import annotations

import pytest
import torch
from numbered_looks import numbered_looks

from training.batches import Batch
from training.flow import answers, partly_noised
from training.learner import Learner
from training.look_batches import LookBatches

NOISED, TOKENS = 4, 10


class Answering(Learner):
    """A learner whose answer is a given sequence, and that keeps what it was shown."""

    def __init__(self, answer: torch.Tensor):
        super().__init__()
        self.answer, self.shown = answer, []

    def predicted(self, batch, sequence, sigmas):
        self.shown.append((sequence, sigmas))
        away = sequence - self.answer
        return away[:, : batch.noised] / sigmas[:, None, None]


@pytest.fixture
def batch() -> Batch:
    return Batch(
        clean=torch.randn(2, TOKENS, 64, generator=torch.Generator().manual_seed(0)),
        noised=NOISED,
        ids=torch.zeros(TOKENS, 3),
        words=torch.zeros(2, 32, dtype=torch.long),
        weight=torch.ones(2, NOISED),
        settled=True,
    )


def loss(learner: Learner, batch: Batch) -> torch.Tensor:
    return learner.loss(batch, torch.Generator().manual_seed(1))


@pytest.mark.parametrize("sigma", [1.0, 0.5, 0.03])
def test_the_true_velocity_points_at_the_truth(sigma):
    clean, noise = torch.randn(2, 2, 5, 64).unbind(0)
    sigmas = torch.full((2,), sigma)
    sequence = partly_noised(clean, 5, sigmas, noise)
    torch.testing.assert_close(answers(noise - clean, sequence, sigmas), clean)


def test_the_noised_tokens_lie_on_the_way_to_the_first_answer(batch):
    answer = torch.full_like(batch.clean, 7.0)
    learner = Answering(answer)
    loss(learner, batch)
    (first, all_noise), (second, sigmas) = learner.shown
    assert (all_noise == 1).all() and (sigmas < 1).all()
    noise, sigma = first[:, :NOISED], sigmas[:, None, None]
    expected = (1 - sigma) * answer[:, :NOISED] + sigma * noise
    torch.testing.assert_close(second[:, :NOISED], expected)
    for sequence in (first, second):
        assert torch.equal(sequence[:, NOISED:], batch.clean[:, NOISED:])


def test_the_loss_is_the_answers_distance_from_the_truth(batch):
    off = batch.clean + 0.5
    off[:, NOISED:] += 100  # what is said of the conditions does not count
    assert loss(Answering(off), batch).item() == pytest.approx(0.25, rel=1e-3)
    assert loss(Answering(batch.clean), batch).item() == pytest.approx(0, abs=1e-6)


class Constant(Answering):
    """A learner whose velocity is one number everywhere."""

    def __init__(self, velocity: torch.Tensor):
        super().__init__(velocity)

    def predicted(self, batch, sequence, sigmas):
        self.shown.append((sequence.detach(), sigmas))
        return self.answer.expand_as(sequence[:, : batch.noised])


def test_only_the_second_answer_is_learned_from(batch):
    velocity = torch.tensor(0.3, requires_grad=True)
    learner = Constant(velocity)
    loss(learner, batch).backward()
    sequence, sigmas = learner.shown[1]
    sigma, way = sigmas[:, None, None], sequence[:, :NOISED]  # with no gradient to the first one
    answer = way - sigma * 0.3
    expected = (2 * (answer - batch.clean[:, :NOISED]) * -sigma).mean()
    torch.testing.assert_close(velocity.grad, expected)


@pytest.mark.parametrize(
    ("job", "settled"),
    [("tryons", True), ("layers", True), ("reconstructions", True)]
    + [("model_frees", False), ("singles", False), ("sheets", False)],
)
def test_what_leaves_nothing_open(job, settled):
    assert getattr(LookBatches(numbered_looks(), 0), job)(4).settled is settled
