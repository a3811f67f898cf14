"""What the position patch costs: a step of the patched MODEL against core's ReferenceLatent.

Both sample the same tokens on the same MODEL through ComfyUI's whole sampling function; only the
sampler's loop is timed, so that loading and the conditionings' preparation are left out.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import torch

from devtools.bfl import bfl_weights

from .comfyui import Packed, conditioning, loaded_model, nodes_by_id, packed
from .interleave import Runs, interleaved, median_and_spread
from .random_flux import condition_latents, random_inputs, random_transformer
from .report import reported
from .workload import Workload, workload

BAR = 1.02
GARMENTS = (0, 1, 3)
DEFAULTS = {"steps": 2, "rounds": 6, "width": 192, "height": 256}
HEAD = [
    "garments",
    "image tokens",
    "core, s a step",
    "pack, s a step",
    "pack / core",
    "core / core",
]


def main(arguments: list[str] | None = None) -> int:
    sizes = workload(__doc__, arguments, **DEFAULTS)
    torch.set_num_threads(sizes.threads)
    nodes = nodes_by_id()
    model = loaded_model(bfl_weights(random_transformer(sizes).state_dict()), sizes)

    rows, missed = [HEAD], []
    for garments in GARMENTS:
        runs = measured(nodes, model, sizes, garments)
        rows.append(row(sizes, garments, runs))
        ratio = statistics.median(runs.ratios())
        if ratio > BAR:
            missed.append(f"{garments} garments: {ratio:.3f} is over the bar of {BAR}")
    return reported(rows, sizes, missed)


def measured(nodes: dict[str, type], model, sizes: Workload, garments: int) -> Runs:
    """Return the interleaved runs with a person and so many garments."""
    inputs = random_inputs(sizes, 1 + garments)
    pack = packed(nodes, model, inputs, sizes)
    core = with_reference_latents(conditioning(inputs), condition_latents(inputs))
    sides = [
        sampling(model, core, pack, sizes.steps),
        sampling(pack.model, pack.positive, pack, sizes.steps),
    ]
    latents = [side()[1] for side in sides]  # also warms both up
    if torch.equal(*latents):
        raise RuntimeError("both sides gave the same latent: the patch did nothing")
    a, b = ((lambda side=side: side()[0]) for side in sides)
    return interleaved(a, b, sizes.rounds, f"{garments} garments")


def with_reference_latents(positive: list, latents: list[torch.Tensor]) -> list:
    """Return the CONDITIONING after one of ComfyUI's own ReferenceLatent nodes a latent."""
    import node_helpers

    for latent in latents:
        values = {"reference_latents": [latent]}
        positive = node_helpers.conditioning_set_values(positive, values, append=True)
    return positive


def sampling(
    model, positive: list, pack: Packed, steps: int
) -> Callable[[], tuple[float, torch.Tensor]]:
    """Return what samples once and returns the seconds a step, and the latent."""
    import comfy.sample
    import comfy.samplers
    from comfy.k_diffusion.sampling import sample_euler

    seconds = 0.0

    def timed_euler(*args, **kwargs):
        nonlocal seconds
        start = time.perf_counter()
        result = sample_euler(*args, **kwargs)
        seconds = (time.perf_counter() - start) / steps
        return result

    empty = pack.latent["samples"]
    noise = comfy.sample.prepare_noise(empty, 0)
    sigmas = torch.linspace(1, 0, steps + 1)

    def sample() -> tuple[float, torch.Tensor]:
        with torch.inference_mode():
            latent = comfy.sample.sample_custom(
                model,
                noise=noise,
                cfg=1.0,
                sampler=comfy.samplers.KSAMPLER(timed_euler),
                sigmas=sigmas,
                positive=positive,
                negative=pack.negative,
                latent_image=empty,
                disable_pbar=True,
            )
        return seconds, latent

    return sample


def row(sizes: Workload, garments: int, runs: Runs) -> list[str]:
    return [
        str(garments),
        str(sizes.image_tokens(1 + garments)),
        f"{runs.seconds('A'):.2f}",
        f"{runs.seconds('B'):.2f}",
        median_and_spread(runs.ratios()),
        median_and_spread(runs.noise()),
    ]


if __name__ == "__main__":
    sys.exit(main())
