"""What a try-on costs in each mode of condition reuse, and with isolated conditions.

FLOPs on FLUX.1-dev's own shapes: steps run through ComfyUI's Flux with the pack's patches on the
meta device, which has shapes but no numbers, and torch's FlopCounterMode counts. Steps of a kind
have equal shapes, so each kind (plain, full, reuse) is counted once, and the mode's plan says how
often it comes. Isolated conditions are computed before their first step.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from unittest import mock

import torch
from torch.utils.flop_counter import FlopCounterMode

from devtools.flux import POOLED, TEXT
from devtools.in_process import PACK_ALIAS
from devtools.tables import markdown

from .comfyui import nodes_by_id
from .report import shown
from .workload import AXES, FLUX_DEV, HEAD_DIM

SIZES = ((576, 576), (576, 768), (768, 1024))
GARMENTS = (0, 1, 2, 3)
MODES = ("exact", "balanced", "fast")
ISOLATED = "isolated"
TEXT_TOKENS = 512
BARS = {
    ((768, 1024), 1): {"balanced": 0.56, "fast": 0.45, ISOLATED: 1 / 2.5},
    ((768, 1024), 3): {"balanced": 0.45, "fast": 0.33, ISOLATED: 1 / 3.9},
}
"""The largest share of the full cost that a mode may take."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--output", type=Path, help="also write the table here, as markdown")
    options = parser.parse_args(arguments)
    nodes_by_id()
    flux = meta_flux(**FLUX_DEV)
    rows = [["size", "garments", "tokens", "TFLOP a step", "target alone", *MODES, ISOLATED]]
    missed = []
    for size in SIZES:
        alone = TryOn(size, 0, person=False).flops(flux).plain
        for garments in GARMENTS:
            tryon = TryOn(size, garments)
            flops = tryon.flops(flux)
            shares = {mode: tryon.share(flops, mode, options.steps) for mode in MODES}
            shares[ISOLATED] = tryon.isolated_flops(flux, options.steps) / (
                options.steps * flops.plain
            )
            rows.append(
                [
                    f"{size[0]}x{size[1]}",
                    str(garments),
                    str(tryon.tokens),
                    f"{flops.plain / 1e12:.1f}",
                    f"{alone / flops.plain:.3f}",
                    *(f"{share:.3f}" for share in shares.values()),
                ]
            )
            print(" ".join(rows[-1]), flush=True)
            missed += [
                f"{mode} at {rows[-1][0]}, {garments} garments: {shares[mode]:.3f} is over {bar}"
                for mode, bar in BARS.get((size, garments), {}).items()
                if shares[mode] > bar
            ]
    text = f"{options.steps} steps, {TEXT_TOKENS} text tokens, a person\n\n{markdown(rows)}\n"
    shown(text, options.output)
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0


def meta_flux(heads: int, double: int, single: int):
    """Return a transformer in FLUX.1-dev's shape on the meta device."""
    import comfy.ldm.flux.model
    import comfy.ops

    known = {field.name for field in fields(comfy.ldm.flux.model.FluxParams)}
    newer = {"txt_ids_dims": []} if "txt_ids_dims" in known else {}
    return comfy.ldm.flux.model.Flux(
        image_model="flux",
        in_channels=16,
        out_channels=16,
        patch_size=2,
        vec_in_dim=POOLED,
        context_in_dim=TEXT,
        hidden_size=heads * HEAD_DIM,
        mlp_ratio=4.0,
        num_heads=heads,
        depth=double,
        depth_single_blocks=single,
        axes_dim=list(AXES),
        theta=10000,
        qkv_bias=True,
        guidance_embed=True,
        dtype=torch.bfloat16,
        device="meta",
        operations=comfy.ops.disable_weight_init,
        **newer,
    )


@dataclass(frozen=True)
class StepFlops:
    """What one step costs: without the reuse node, and with it a full and a reuse step."""

    plain: int
    full: int
    reuse: int


class TryOn:
    """A person and garments, each as large as the target (width, height in pixels)."""

    def __init__(
        self,
        size: tuple[int, int],
        garments: int,
        person: bool = True,
        texts: int = TEXT_TOKENS,
    ):
        self.latent = torch.empty(
            1, 16, size[1] // 8, size[0] // 8, dtype=torch.bfloat16, device="meta"
        )
        self.texts = texts
        self.roles = ("person",) * person + ("garment",) * garments

    @property
    def tokens(self) -> int:
        return (1 + len(self.roles)) * self.latent.shape[-1] * self.latent.shape[-2] // 4

    def flops(self, flux) -> StepFlops:
        """Return the FLOPs of each kind of step."""
        seam = f"{PACK_ALIAS}.nodes._comfy"
        positions, reuse = (import_module(f"{seam}.{name}") for name in ("positions", "reuse"))
        patches = {positions.KEY: [positions.adaptive_position_wrapper]}
        plain = self.counted(flux, patches, 1.0)
        if not self.roles:
            return StepFlops(plain, plain, plain)
        run = reuse.Run(import_module(f"{PACK_ALIAS}.any2any_core.reuse").ReusePlan(), [1, 0.5, 0])
        run.last_block = import_module(f"{seam}.last_block").LastBlock(flux)
        run.last_block.checked = True  # numbers cannot be compared where there are none
        patches |= {reuse.KEY: [run.diffusion_model_wrapper]}
        return StepFlops(plain, *(self.counted(flux, patches, sigma) for sigma in (1.0, 0.5)))

    def share(self, flops: StepFlops, mode: str, steps: int) -> float:
        """Return a whole run's cost in that mode over its cost without reuse."""
        core = f"{PACK_ALIAS}.any2any_core"
        schedule, reuse = (import_module(f"{core}.{name}") for name in ("schedule", "reuse"))
        sigmas = schedule.reference_sigmas(steps, schedule.canvas_mu(self.tokens)).tolist()
        full = len(reuse.PLANS[mode].full_steps(sigmas))
        return (full * flops.full + (steps - full) * flops.reuse) / (steps * flops.plain)

    def isolated_flops(self, flux, steps: int) -> int:
        """Return a whole run's FLOPs with isolated conditions; the first step computes them."""
        seam = f"{PACK_ALIAS}.nodes._comfy"
        isolated, positions = (import_module(f"{seam}.{name}") for name in (ISOLATED, "positions"))
        patches = {
            isolated.KEY: [isolated.isolated_wrapper],
            positions.KEY: [positions.adaptive_position_wrapper],
        }
        run = {"layout": ISOLATED, isolated.KEY: isolated.Run()}
        first, other = (self.counted(flux, patches, sigma, **run) for sigma in (1.0, 0.5))
        return first + (steps - 1) * other

    def counted(self, flux, patches: dict, sigma: float, **run) -> int:
        """Return the FLOPs of one step."""
        no_limit = mock.patch("comfy.model_management.get_free_memory", return_value=2**60)
        with no_limit, FlopCounterMode(display=False) as counter, torch.no_grad():
            self.step(flux, {"diffusion_model": patches}, torch.tensor([sigma]), **run)
        return counter.get_total_flops()

    def step(
        self, flux, wrappers: dict, sigma: torch.Tensor, layout: str = "any2any", **options
    ) -> None:
        def meta(*shape: int) -> torch.Tensor:
            return torch.empty(*shape, dtype=torch.bfloat16, device="meta")

        layouts = import_module(f"{PACK_ALIAS}.any2any_core.layout")
        conditions = {}
        if self.roles:
            conditions = {
                "ref_latents": [self.latent] * len(self.roles),
                "ref_latents_method": str(layouts.Layout(layout, self.roles)),
            }
        flux(
            self.latent,
            sigma.to("meta"),
            context=meta(1, self.texts, TEXT),
            y=meta(1, POOLED),
            guidance=None,  # isolated conditions ask for its value, and there is none here
            transformer_options={
                "wrappers": wrappers,
                "sigmas": sigma,
                "uuids": ["one"],
                **options,
            },
            **conditions,
        )


if __name__ == "__main__":
    sys.exit(main())
