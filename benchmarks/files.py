"""The weights and inputs that both sides load, written by a process of its own."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

from .workload import Workload

DIFFUSERS, BFL, INPUTS = "diffusers", "flux.safetensors", "inputs.safetensors"
CONDITIONS = 2
"""A person and a garment."""


def written_files(sizes: Workload, folder: Path) -> None:
    """Write the files without growing this process."""
    process = multiprocessing.get_context("spawn").Process(target=write, args=(sizes, folder))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit("The weights could not be written; the error is above.")


def write(sizes: Workload, folder: Path) -> None:
    from safetensors.torch import save_file

    from devtools.bfl import bfl_weights

    from .random_flux import random_inputs, random_transformer

    transformer = random_transformer(sizes)
    transformer.save_pretrained(folder / DIFFUSERS)
    save_file(bfl_weights(transformer.state_dict()), folder / BFL)
    save_file(random_inputs(sizes, CONDITIONS), folder / INPUTS)
