"""A try-on with FLUX.1-dev's own shapes on the GPU at hand: seconds and memory in each mode.

Random weights in bfloat16, since speed does not depend on their values. The reference is diffusers'
wide canvas; ComfyUI's sides are the pack without condition reuse and with each of its modes. All
run in turn, in one process, after a short run of each.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from devtools.flux import flux_transformer, model_patcher
from devtools.tables import markdown

from .comfyui import nodes_by_id
from .comfyui_side import ComfyUISide
from .diffusers_side import DiffusersSide
from .flops import MODES, meta_flux
from .interleave import in_turn
from .machine import machine
from .random_flux import random_inputs
from .report import shown
from .side_process import Side
from .speed import REFERENCE
from .workload import AXES, FLUX_DEV, Workload

PLAIN = "ComfyUI with the pack"
GIB = 2**30
FEW = 4
"""Steps of a run that only warms up."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="768x1024", help="of every panel (768x1024)")
    parser.add_argument("--garments", type=int, default=1, help="beside the person (1)")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, help="also write the table here, as markdown")
    options = parser.parse_args(arguments)
    if not torch.cuda.is_available():
        print("No GPU is there, but this measures one.", file=sys.stderr)
        return 1
    width, height = map(int, options.size.split("x"))
    sizes = Workload(
        **FLUX_DEV,
        width=width,
        height=height,
        text_tokens=512,
        steps=options.steps,
        rounds=options.rounds,
        threads=torch.get_num_threads(),
        output=options.output,
    )
    sides = built_sides(sizes, 1 + options.garments, torch.device("cuda", 0))
    for side in sides.values():
        warm_up(side)
    peaks: dict[str, float] = {}
    runs = {name: partial(measured_run, name, side, peaks) for name, side in sides.items()}
    measured = in_turn(runs, sizes.rounds, "runs")
    rows = [["", "seconds", "a step", "times as fast", "peak while sampling, GiB"]]
    reference = statistics.median(measured[REFERENCE])
    for name, seconds in measured.items():
        step = statistics.median(seconds)
        cells = [step * sizes.steps, step, reference / step, peaks[name]]
        rows.append([name, *(f"{cell:.2f}" for cell in cells)])
    text = (
        f"{torch.cuda.get_device_name()}; {machine(sizes.threads)}\n\n{options.size}, a person and "
        f"{options.garments} garments, {sizes.steps} steps, bfloat16, {sizes.rounds} rounds\n\n"
        f"{markdown(rows)}\n"
    )
    shown(text, options.output)
    return 0


def built_sides(sizes: Workload, conditions: int, device: torch.device) -> dict[str, Side]:
    """Return every side, all on one transformer but the reference, which has its own."""
    nodes, inputs = nodes_by_id(), random_inputs(sizes, conditions)
    model = random_model(sizes, device)
    sides = {REFERENCE: DiffusersSide(sizes, random_transformer(sizes, device), inputs)}
    for name, mode in {PLAIN: None, **{mode: mode for mode in MODES}}.items():
        sides[name] = ComfyUISide(sizes, nodes, model, inputs, mode)
    return sides


def random_model(sizes: Workload, device: torch.device):
    """Return ComfyUI's MODEL."""
    shapes = meta_flux(sizes.heads, sizes.double, sizes.single).state_dict()
    weights = {
        name: torch.empty_like(weight, device=device).normal_(std=0.02)
        for name, weight in shapes.items()
    }
    return model_patcher(weights, sizes.heads, AXES, device, torch.bfloat16, torch.bfloat16)


def random_transformer(sizes: Workload, device: torch.device):
    """Return diffusers' transformer."""
    with made_in_half(), device:
        return flux_transformer(sizes.heads, AXES, sizes.double, sizes.single)


@contextmanager
def made_in_half() -> Iterator[None]:
    """Make new tensors in bfloat16: in float32 the transformer would need 48 GB at first."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def warm_up(side: Side) -> None:
    whole, side.sizes = side.sizes, replace(side.sizes, steps=FEW)
    side.run()
    side.sizes = whole


def measured_run(name: str, side: Side, peaks: dict[str, float]) -> float:
    """Return a run's seconds a step; `peaks` gets what it takes beyond what is loaded, in GiB."""
    loaded = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    seconds = side.run()
    peaks[name] = (torch.cuda.max_memory_allocated() - loaded) / GIB
    return seconds


if __name__ == "__main__":
    sys.exit(main())
