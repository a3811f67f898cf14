"""A try-on in each mode of condition reuse against the reference method: time and memory.

The reference is diffusers' wide canvas. Same weights, noise, schedule, threads and float32; each
side in a process of its own, all in turn. Beside the time stands the arithmetic of this very
transformer, counted as benchmarks.flops does: what is lost between the two is the modes' own work.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .files import CONDITIONS, written_files
from .interleave import in_turn, median_and_spread
from .machine import comfyui_folder
from .reference import SAME, relative_difference
from .report import reported
from .side_process import Peaks, SideProcess
from .sides import comfyui_side, diffusers_side
from .workload import Workload, workload

REFERENCE = "the reference, diffusers"
BARS = {"exact": 1.0, "balanced": 1.6, "fast": 1.8}
"""How many times as fast as the reference each mode is to be."""

DEFAULTS = {"steps": 30, "rounds": 5, "width": 576, "height": 768, "text_tokens": 512}
HEAD = ["", "seconds", "times as fast", "FLOPs, times fewer", "peak, MiB", "difference"]


@dataclass(frozen=True)
class Measured:
    """A side's runs in seconds, one a round, its peak memory and its last latent."""

    seconds: list[float]
    peaks: Peaks
    latent: list


def main(arguments: list[str] | None = None) -> int:
    sizes = workload(__doc__, arguments, **DEFAULTS)
    comfyui_folder()
    measured = measured_sides(sizes)
    reference = measured[REFERENCE]
    fewer = arithmetic(sizes)
    rows, missed = [HEAD], []
    for name, side in measured.items():
        faster = [theirs / ours for theirs, ours in zip(reference.seconds, side.seconds)]
        difference = relative_difference(side.latent, reference.latent)
        rows.append(
            [
                name,
                f"{statistics.median(side.seconds):.1f}",
                median_and_spread(faster) if name in BARS else "1",
                f"{fewer[name]:.2f}" if name in BARS else "1",
                f"{side.peaks.whole:.0f}",
                f"{difference:.0e}" if name in BARS else "",
            ]
        )
        if statistics.median(faster) < BARS.get(name, 0):
            missed.append(
                f"{name}: {statistics.median(faster):.2f} is under the bar of {BARS[name]}"
            )
        if name == "exact" and not difference <= SAME:
            missed.append(f"exact differs by {difference:.0e}: this is not the same try-on")
    return reported(rows, sizes, missed)


def measured_sides(sizes: Workload) -> dict[str, Measured]:
    """Return what the reference and every mode took."""
    builds = {REFERENCE: diffusers_side} | {mode: partial(comfyui_side, mode=mode) for mode in BARS}
    with tempfile.TemporaryDirectory() as folder:
        written_files(sizes, Path(folder))
        sides = {
            name: SideProcess(name, build, sizes, Path(folder)) for name, build in builds.items()
        }
        seconds = in_turn({name: side.run for name, side in sides.items()}, sizes.rounds, "runs")
        ends = {name: side.finished() for name, side in sides.items()}
    return {
        name: Measured([one * sizes.steps for one in seconds[name]], *ends[name]) for name in sides
    }


def arithmetic(sizes: Workload) -> dict[str, float]:
    """Return how many times fewer FLOPs each mode takes than a run without the pack's savings."""
    from .comfyui import nodes_by_id
    from .flops import TryOn, meta_flux

    nodes_by_id()
    flux = meta_flux(sizes.heads, sizes.double, sizes.single)
    tryon = TryOn((sizes.width, sizes.height), CONDITIONS - 1, texts=sizes.text_tokens)
    flops = tryon.flops(flux)
    return {mode: 1 / tryon.share(flops, mode, sizes.steps) for mode in BARS}


if __name__ == "__main__":
    sys.exit(main())
