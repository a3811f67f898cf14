"""The same try-on in ComfyUI with the pack and on diffusers' wide canvas: time and memory.

Same weights, noise, schedule, threads and float32; each side in a process of its own, in turn.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from .files import CONDITIONS, written_files
from .interleave import interleaved, median_and_spread
from .machine import comfyui_folder
from .report import reported
from .side_process import SideProcess
from .sides import comfyui_side, diffusers_side
from .workload import workload

BAR = 1.05
SAME = 1e-5
"""The largest relative difference of two results that count as the same try-on."""

DEFAULTS = {"steps": 1, "rounds": 3, "width": 576, "height": 768}
HEAD = ["", "diffusers", "ComfyUI with the pack", "ratio", "diffusers / diffusers"]


def main(arguments: list[str] | None = None) -> int:
    sizes = workload(__doc__, arguments, **DEFAULTS)
    comfyui_folder()
    with tempfile.TemporaryDirectory() as folder:
        written_files(sizes, Path(folder))
        theirs = SideProcess("diffusers", diffusers_side, sizes, Path(folder))
        ours = SideProcess("ComfyUI", comfyui_side, sizes, Path(folder))
        runs = interleaved(theirs.run, ours.run, sizes.rounds, "try-on")
        (their_peaks, their_latent), (our_peaks, our_latent) = theirs.finished(), ours.finished()
    difference = relative_difference(our_latent, their_latent)
    time, memory = statistics.median(runs.ratios()), our_peaks.whole / their_peaks.whole
    rows = [
        HEAD,
        [
            "seconds a step",
            f"{runs.seconds('A'):.2f}",
            f"{runs.seconds('B'):.2f}",
            median_and_spread(runs.ratios()),
            median_and_spread(runs.noise()),
        ],
        memory_row("peak memory, MiB", their_peaks.whole, our_peaks.whole),
        memory_row("of it after loading", their_peaks.sampling, our_peaks.sampling),
        ["image tokens", *[str(sizes.image_tokens(CONDITIONS))] * 2, "", ""],
        ["relative difference", "", f"{difference:.0e}", "", ""],
    ]
    missed = [
        f"{what}: {ratio:.3f} is over the bar of {BAR}"
        for what, ratio in (("seconds a step", time), ("peak memory", memory))
        if ratio > BAR
    ]
    if not difference <= SAME:
        missed.append(f"the results differ by {difference:.0e}: this is not the same try-on")
    return reported(rows, sizes, missed)


def memory_row(what: str, theirs: float | None, ours: float | None) -> list[str]:
    if theirs is None or ours is None:
        return [what, "unknown", "unknown", "", ""]
    return [what, f"{theirs:.0f}", f"{ours:.0f}", f"{ours / theirs:.3f}", ""]


def relative_difference(got: list, expected: list) -> float:
    """Return |got - expected| / |expected|, Frobenius norms."""
    import numpy as np

    truth = np.asarray(expected)
    return float(np.linalg.norm(np.asarray(got) - truth) / np.linalg.norm(truth))


if __name__ == "__main__":
    sys.exit(main())
