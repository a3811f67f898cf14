"""The pool's latents are those that inference makes: conditions encoded as one picture."""

from __future__ import annotations

import numpy as np
import torch
from oracle.pictures import encoded_together

from training.autoencoder import Autoencoder
from training.batches import Batches
from training.dolls.pictures import drawn_triple
from training.pool import Pool, encoded, encoded_beside_white
from training.shipped import weights_of


def test_a_person_is_encoded_as_beside_a_garment():
    """The oracle encodes the whole canvas; a garment's margin is white, wherever it is drawn."""
    autoencoder = Autoencoder()
    autoencoder.load_state_dict(weights_of("autoencoder"))
    picture = drawn_triple(0).source.rgb
    panels = [torch.from_numpy(one)[None] / 255 for one in (picture, np.full_like(picture, 255))]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        person, _ = encoded_together(panels, lambda image: autoencoder.encode(image.movedim(-1, 1)))
    got = encoded_beside_white(autoencoder, [picture])
    torch.testing.assert_close(got.float(), person.bfloat16().float(), rtol=0, atol=0.05)
    alone = encoded(autoencoder, [picture])
    assert (got - alone)[..., -1].abs().mean() > 10 * (got - alone)[..., :4].abs().mean()


def test_a_try_ons_person_stands_beside_the_garment_and_its_target_alone():
    def numbered(first: int) -> torch.Tensor:
        return (first + torch.arange(4.0)).reshape(1, 4, 1, 1, 1).expand(1, 4, 16, 24, 18)

    pool = Pool(
        worn=numbered(10),
        person=numbered(20),
        flat=numbered(30)[0],
        tops=torch.arange(4)[None],
        clothes=torch.zeros(1, 4, 108),
        worn_words=torch.zeros(1, 4, 32, dtype=torch.long),
        flat_words=torch.zeros(4, 32, dtype=torch.long),
    )
    batch = Batches(pool, 0).tryons(32)
    for target, person, garment in batch.clean[:, ::108, 0].tolist():
        assert target - 10 == garment - 30 != person - 20
        assert 20 <= person < 24
