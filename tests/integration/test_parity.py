"""Both small models are one model: without the pack they agree on a plain forward."""

from __future__ import annotations

import torch
from oracle.method import Conditioning, relative_difference, velocity
from small_flux import random_text


def test_plain_forward_agrees(transformer, model):
    text, extra = random_text(1)[0]
    latent = torch.randn(1, 16, 8, 10, generator=torch.Generator().manual_seed(2))
    expected = velocity(
        transformer, latent, 0.6, Conditioning(text, extra["pooled_output"], layout="canvas")
    )
    with torch.inference_mode():
        got = model.model.diffusion_model(
            latent,
            torch.tensor([0.6]),
            context=text,
            y=extra["pooled_output"],
            guidance=torch.tensor([3.5]),
            transformer_options={},
        )
    assert relative_difference(got, expected) < 1e-6
