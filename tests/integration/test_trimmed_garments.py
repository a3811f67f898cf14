"""ConditionImageEncode's trim_garments: fewer tokens, every one of them where it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from oracle.isolated import IsolatedTransformer
from oracle.method import relative_difference
from tryon import Photo, TryOn, expected, packed

EXACT = 1e-5
TRY_ON = TryOn(Photo(60, 90), (Photo(80, 64), Photo(64, 64)))


class ClothPhoto(Photo):
    """A garment in the middle of white."""

    def image(self, seed: int) -> torch.Tensor:
        picture = super().image(seed)
        cloth = torch.ones_like(picture)
        cloth[:, 20:44, 40:60] = picture[:, 20:44, 40:60]
        return cloth


CLOTH = replace(TRY_ON, garments=(ClothPhoto(128, 64), Photo(64, 64)))


@pytest.mark.parametrize("layout", ["any2any", "vitonhd", "canvas", "isolated"])
def test_only_the_empty_tokens_are_gone(run, transformer, model, vae, layout):
    case = replace(CLOTH, layout=layout)
    pack = packed(run, model, vae, case, encode_inputs={"trim_garments": True})
    cut = pack.conditions.latents[1]
    frame = pack.conditions.frames[1]
    assert cut.shape[-2:] != (8, 16)
    mask = torch.zeros(4, 8, dtype=torch.bool)
    mask[frame.y : frame.y + cut.shape[-2] // 2, frame.x : frame.x + cut.shape[-1] // 2] = True
    kept = torch.cat([torch.ones(20, dtype=torch.bool), mask.flatten(), torch.ones(16).bool()])

    want = expected(vae, case)
    sigmas = want.sigmas(6)  # the schedule stays that of whole panels
    want = replace(want, positive=replace(want.positive, kept=kept))
    if layout == "isolated":
        transformer = IsolatedTransformer(transformer, int(kept.sum()))
    assert relative_difference(pack.sampled(run), want.sampled(transformer, sigmas=sigmas)) <= EXACT


def test_the_reference_noise_is_that_of_whole_panels(run, model, vae):
    draws = []
    for trim in (False, True):
        pack = packed(run, model, vae, CLOTH, encode_inputs={"trim_garments": trim})
        (noise,) = run("Any2AnyNoise", positive=pack.positive, latent=pack.latent, seed=1)
        draws.append(noise.generate_noise(pack.latent))
    assert torch.equal(*draws)
