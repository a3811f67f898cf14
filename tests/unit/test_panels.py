"""Pictures encoded once, however many try-ons they are in: the latents stay the same ones."""

from __future__ import annotations

import pytest
import torch

from any2any_core.geometry import Size
from any2any_core.panels import each_encoded, pairs_encoded, prepare_panels

TARGET = Size(32, 48)


def photo(seed: int, width: int = 40, height: int = 60, batch: int = 1) -> torch.Tensor:
    return torch.rand(batch, height, width, 3, generator=torch.Generator().manual_seed(seed))


class Encoder:
    """A stand-in for a VAE: the mean of every 8x8 cell, in 16 channels; it counts pictures."""

    def __init__(self):
        self.pictures = 0

    def __call__(self, picture: torch.Tensor) -> torch.Tensor:
        self.pictures += len(picture)
        cells = torch.nn.functional.avg_pool2d(picture.movedim(-1, 1).mean(1, keepdim=True), 8)
        return cells.repeat(1, 16, 1, 1)


@pytest.mark.parametrize(
    "people, garments, encoded",
    [
        pytest.param(1, (4,), 5, id="one person, four garments"),
        pytest.param(4, (1,), 5, id="four people, one garment"),
        pytest.param(3, (3,), 6, id="three and three"),
        pytest.param(1, (1, 2), 4, id="an outfit with two second garments"),
    ],
)
def test_a_photo_beside_a_batch_is_encoded_once(people, garments, encoded):
    panels = prepare_panels(
        TARGET,
        photo(1, batch=people),
        [photo(10 + place, batch=batch) for place, batch in enumerate(garments)],
    )
    encode, alone = Encoder(), Encoder()
    latents = each_encoded(panels, encode)
    assert encode.pictures == encoded
    for panel, latent in zip(panels, latents):
        assert torch.equal(latent, alone(panel.picture))


def test_a_photo_in_several_pairs_is_encoded_once():
    people = [photo(1), photo(2, 30, 70)]
    garments = [photo(11), photo(12, 50, 50), photo(13)]
    pairs = [(person, garment) for person in people for garment in garments]
    encode, alone = Encoder(), Encoder()
    conditions = pairs_encoded(TARGET, pairs, encode)
    assert encode.pictures == 5
    for (person, garment), got in zip(pairs, conditions):
        panels = prepare_panels(TARGET, person, [garment])
        assert [(one.role, one.source, one.margins) for one in got.panels] == [
            (one.role, one.source, one.margins) for one in panels
        ]
        for latent, wanted in zip(got.latents, each_encoded(panels, alone)):
            assert torch.equal(latent, wanted)
        assert got.target == TARGET
