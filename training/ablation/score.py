"""A trained row's pictures at every size, and their numbers.

Sampled by a plain Euler loop over the transformer that was trained, with the core's schedule and
ids: two rows have no node that could make them, and the loop serves all rows alike.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from any2any_core.clean import condition_noise
from any2any_core.geometry import Size
from any2any_core.positions import Grid
from any2any_core.schedule import canvas_mu, reference_sigmas
from devtools.flux import tokens

from ..autoencoder import CHANNELS, Autoencoder
from ..stage import written_whole
from .learner import RowLearner
from .measures import MEASURES
from .tryons import conditioned
from .unseen import Unseen

STEPS, BATCH = 8, 8
"""Of the sampler, and try-ons at a time."""
BOUNDS = {"given": "the person as given", "autoencoder": "the truth through the autoencoder"}
"""What stands beside the rows: nothing done, and the best that any sampler could do."""
SHOWN = 6
"""Pictures of every run and size that are kept to look at."""


def untokens(sequence: torch.Tensor, size: Size) -> torch.Tensor:
    """Return latents [B,16,h/8,w/8] of a panel's tokens [B,N,64]."""
    patches = sequence.unflatten(-1, (CHANNELS, 2, 2)).unflatten(1, (size.token_h, size.token_w))
    return patches.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)


def starting_noise(first: int, count: int, size: Size) -> torch.Tensor:
    """Return [count,16,h/8,w/8]; a try-on's noise depends on its number and the size alone."""
    shape = (CHANNELS, size.height // 8, size.width // 8)
    numbers = range(first, first + count)
    return torch.stack(
        [torch.randn(shape, generator=torch.Generator().manual_seed(n)) for n in numbers]
    )


@torch.inference_mode()
def sampled(
    learner: RowLearner, latents: list[torch.Tensor], noise: torch.Tensor, steps: int
) -> torch.Tensor:
    """Return the Euler solution, tokens [B,N,64], from noise [B,16,h,w] beside the conditions.

    latents: person and garment [B,16,h,w]. Where conditions are noised, the noise is the pack's.
    """
    noises = [
        one.expand(len(noise), -1, -1, -1)
        for one in condition_noise([tuple(latent.shape[1:]) for latent in latents])
    ]
    grid = Grid(noise.shape[-2] // 2, noise.shape[-1] // 2)
    tryons = conditioned(learner.row, grid, latents, noises).to(learner.device)
    sequence = tokens(noise).to(learner.device)
    with learner.arithmetic():
        velocity = learner.velocity(tryons)
        sigmas = reference_sigmas(steps, canvas_mu(len(tryons.ids))).to(learner.device)
        for sigma, following in pairwise(sigmas):
            sequence = (
                sequence
                + (following - sigma) * velocity(sequence, sigma.expand(len(noise))).float()
            )
    return sequence


@torch.inference_mode()
def made_pictures(
    learner: RowLearner, autoencoder: Autoencoder, unseen: Unseen, size: Size
) -> torch.Tensor:
    """Return the results [N,h,w,3] uint8 for all try-ons of a size."""
    results = []
    for first in range(0, len(unseen.person), BATCH):
        latents = [one[first : first + BATCH] for one in unseen.latents(learner.row.together)]
        noise = starting_noise(first, len(latents[0]), size)
        with learner.arithmetic():
            decoded = autoencoder.decode(untokens(sampled(learner, latents, noise, STEPS), size))
        results.append((decoded.float().clamp(0, 1) * 255).round().byte().cpu())
    return torch.cat(results).permute(0, 2, 3, 1)


def numbers_path(work: Path, name: str, seed: int, size: Size) -> Path:
    return work / f"{name}-{seed}-{size}.json"


def pictures_path(work: Path, name: str, seed: int, size: Size) -> Path:
    return work / f"{name}-{seed}-{size}.png"


def write_score(
    work: Path, learner: RowLearner, seed: int, autoencoder: Autoencoder, unseen: Unseen, size: Size
) -> None:
    """Make a run's pictures of a size and write its numbers, if they are not there."""
    path = numbers_path(work, learner.row.name, seed, size)
    if path.is_file():
        return
    results = made_pictures(learner, autoencoder, unseen, size)
    with written_whole(pictures_path(work, learner.row.name, seed, size)) as part:
        strip = np.concatenate(list(results[:SHOWN].numpy()), axis=1)
        Image.fromarray(strip).save(part, format="png")
    with written_whole(path) as part:
        part.write_text(json.dumps(numbers_of(results, unseen)) + "\n")
    print(f"{path.stem}: scored", flush=True)


def write_bounds(work: Path, autoencoder: Autoencoder, unseen: Unseen, size: Size) -> None:
    """Write the numbers of the person as given, and of the truth through the autoencoder."""
    pictures = unseen.truth.permute(0, 3, 1, 2)
    with torch.inference_mode():
        back = [
            autoencoder.decode(autoencoder.encode(one / 255)).clamp(0, 1) * 255
            for one in pictures.split(BATCH)
        ]
    through = torch.cat(back).round().byte().permute(0, 2, 3, 1)
    for name, results in (("given", unseen.person), ("autoencoder", through)):
        with written_whole(numbers_path(work, name, 0, size)) as part:
            part.write_text(json.dumps(numbers_of(results, unseen)) + "\n")


def numbers_of(results: torch.Tensor, unseen: Unseen) -> dict[str, list[float]]:
    """Return each measure's numbers, a picture each; what cannot be measured here is left out."""
    return {
        name: [round(float(value), measure.digits) for value in measure.of(results, unseen)]
        for name, measure in MEASURES.items()
        if not measure.missing()
    }
