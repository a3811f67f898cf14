"""A batch is what inference would see: the oracle's ids, clean conditions, loss on the target."""

from __future__ import annotations

import pytest
import torch
from oracle.ids import layout_ids
from oracle.method import tokens
from training_sets import write_set

from any2any_core.geometry import Size
from any2any_core.triple_folder import folder_triples
from training.lora.batches import Batch, batch_loss, drawn_levels, read_batch
from training.lora.encoded import Cache
from training.lora.examples import Example
from training.lora.settings import Settings

HIGH, WIDE = Size(48, 64), Size(96, 64)
SETTINGS = Settings(data="set", precision="fp32")


def known_latents(picture: torch.Tensor) -> torch.Tensor:
    """Return [1,16,H/8,W/8] from which the picture can be told."""
    return picture[:, :1, ::8, ::8].expand(-1, 16, -1, -1).contiguous()


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    """Two triples whose garments are 96x64, encoded as pixels for try-on and the other tasks."""
    folder = tmp_path_factory.mktemp("set")
    triples = folder_triples(write_set(folder / "triples", 2, [(96, 64)]))
    cache = Cache(folder / "encoded", False, "vae", "texts")

    class Pixels:
        def to(self, device):
            return self

        encode = staticmethod(known_latents)

    class Texts:
        def embedded(self, prompt):
            return torch.full((3, 4096), float(len(prompt))), torch.zeros(768)

    examples = {
        task: [Example(triple.for_task(task), HIGH) for triple in triples]
        for task in ("try-on", "garment reconstruction", "model-free")
    }
    every = [example for some in examples.values() for example in some]
    cache.encode_pictures(every, Pixels, "cpu", lambda done, count: None)
    prompts = [example.triple.prompt for example in every]
    cache.encode_texts(prompts, Texts, lambda done, count: None)
    return cache, examples


CASES = {  # task: person's and garments' tokens, (height, width)
    "try-on": ((4, 3), [(4, 6)]),
    "garment reconstruction": ((4, 3), []),
    "model-free": (None, [(4, 6)]),
}


@pytest.mark.parametrize("layout", ["any2any", "canvas"])
@pytest.mark.parametrize("task", CASES)
def test_ids_are_the_oracles(cached, task, layout):
    cache, examples = cached
    batch = read_batch(examples[task], cache, layout)
    person, garments = CASES[task]
    expected, _ = layout_ids(layout, (4, 3), person, garments)
    assert torch.equal(batch.ids, expected)
    assert batch.clean.shape == (2, len(expected), 64)
    assert batch.targets == 12


def test_panels_come_as_target_person_garment(cached):
    cache, examples = cached
    batch = read_batch(examples["try-on"], cache, "any2any")
    for row, example in zip(batch.clean, examples["try-on"]):
        pictures = [example.target(), *(panel.picture for panel in example.panels())]
        latents = [known_latents(picture.movedim(-1, 1)) for picture in pictures]
        expected = torch.cat([tokens(latent)[0] for latent in latents])
        torch.testing.assert_close(row, expected, rtol=0, atol=1e-3)  # kept in half precision


def test_reconstruction_makes_the_garment_of_whoever_wears_it(cached):
    _, examples = cached
    tryon, taken = examples["try-on"][0], examples["garment reconstruction"][0]
    assert taken.triple.target == tryon.triple.garment
    assert taken.triple.person == tryon.triple.target


class Watched:
    """A transformer that gives a fixed answer and keeps what it was given."""

    def __init__(self, answer: torch.Tensor):
        self.answer = answer

    def __call__(self, **inputs):
        self.inputs = inputs
        return (self.answer,)


def random_batch(seed: int = 0) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    return Batch(
        clean=torch.randn(2, 10, 64, generator=generator),
        targets=4,
        ids=torch.zeros(10, 3),
        text=torch.zeros(2, 3, 4096),
        pooled=torch.zeros(2, 768),
    )


def test_conditions_are_clean_and_the_target_is_noised():
    batch = random_batch()
    watched = Watched(torch.zeros(2, 10, 64))
    batch_loss(watched, batch, SETTINGS, 0)
    seen = watched.inputs["hidden_states"]
    assert torch.equal(seen[:, 4:], batch.clean[:, 4:])
    levels = watched.inputs["timestep"][:, None, None]
    noise = (seen[:, :4] - (1 - levels) * batch.clean[:, :4]) / levels
    assert noise.std().item() == pytest.approx(1, abs=0.1)


def test_the_loss_is_on_target_tokens_alone():
    batch = random_batch()
    watched = Watched(torch.randn(2, 10, 64))
    before = batch_loss(watched, batch, SETTINGS, 0)
    seen, levels = watched.inputs["hidden_states"], watched.inputs["timestep"][:, None, None]
    target = batch.clean[:, :4]
    velocity = (seen[:, :4] - target) / levels  # noise - clean, from x = clean + sigma * velocity
    expected = (watched.answer[:, :4] - velocity).square().mean()
    torch.testing.assert_close(before, expected, rtol=1e-4, atol=1e-4)
    watched.answer[:, 4:] += 100
    assert torch.equal(batch_loss(watched, batch, SETTINGS, 0), before)
    watched.answer[:, :4] += 100
    assert batch_loss(watched, batch, SETTINGS, 0) > before


def test_every_batch_has_noise_of_its_own_and_always_the_same():
    watched, batch = Watched(torch.zeros(2, 10, 64)), random_batch()
    losses = [batch_loss(watched, batch, SETTINGS, number).item() for number in (0, 1, 0)]
    assert losses[0] == losses[2] != losses[1]


@pytest.mark.parametrize(
    "choices, median",
    [({}, 0.5), ({"logit_mean": 1.0}, 0.731), ({"shift": "canvas"}, 0.6225)],
    ids=str,
)
def test_noise_levels_are_logit_normal(choices, median):
    """Of 256 tokens the sampler's shift is e^0.5, which brings 0.5 to 0.6225."""
    settings = Settings(data="set", **choices)
    levels = drawn_levels(20000, 256, settings, torch.Generator().manual_seed(0))
    assert levels.min() > 0 and levels.max() < 1
    assert levels.median().item() == pytest.approx(median, abs=0.01)
