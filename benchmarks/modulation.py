"""What a table of modulations would save: what ComfyUI loads and what it streams at each step.

The modulation layers see nothing but timestep, guidance and pooled text; for a fixed schedule their
outputs are a small table. Here ComfyUI's own loader puts FLUX.1-dev's shapes onto the meta device
within several budgets, as it is and with those layers taken out by `add_object_patch`. See
docs/decisions.md for why the pack leaves it at that.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from devtools.in_process import imported_comfy
from devtools.tables import markdown

from .flops import meta_flux
from .machine import comfyui_folder, machine
from .report import shown
from .workload import FLUX_DEV

BUDGETS = (9.0, 12.0, 15.0, 18.0, 20.0, 22.0, 24.5)
"""Gigabytes of a card that are left for weights."""

STREAMS = 2
"""Weights on their way at once: ComfyUI's default on NVIDIA."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.modulation", description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--output", type=Path, help="also write the table here, as markdown")
    options = parser.parse_args(arguments)
    imported_comfy(str(comfyui_folder()))
    flux = meta_flux(**FLUX_DEV)
    whole, layers = weight_bytes(flux), list(modulation_layers(flux))
    modulation = sum(weight_bytes(flux.get_submodule(layer)) for layer in layers)
    outputs = sum(flux.get_submodule(f"{layer}.lin").out_features for layer in layers)
    rows = [["GB for weights", "loaded", "streamed a step", "with the table", "streamed a step"]]
    for budget in BUDGETS:
        plain, table = loaded_bytes(budget, without=()), loaded_bytes(budget, without=layers)
        figures = (plain, whole - plain, table, whole - modulation - table)
        rows.append([f"{budget:g}", *(f"{figure / 1e9:.2f}" for figure in figures)])
    hidden, taken = seen_by_others(layers)
    text = (
        f"{machine(torch.get_num_threads())}\n\n"
        f"bfloat16: the transformer {whole / 1e9:.2f} GB, its modulation {modulation / 1e9:.2f} "
        f"({modulation / whole:.1%}), a table of {options.steps} steps "
        f"{2 * options.steps * outputs / 1e9:.3f}\n\n{markdown(rows)}\n\n"
        f"While it is loaded so, {hidden} of the model's keys are found by no other node; a LoRA's "
        f"patch for one of them is {'taken' if taken else 'dropped without a word'}.\n"
    )
    shown(text, options.output)
    return 0


def weight_bytes(module: torch.nn.Module) -> int:
    return sum(weight.numel() * weight.element_size() for weight in module.parameters())


def modulation_layers(flux) -> Iterator[str]:
    """Yield the names of the layers that see the timestep's vector alone."""
    for number in range(len(flux.double_blocks)):
        yield from (f"double_blocks.{number}.{name}" for name in ("img_mod", "txt_mod"))
    yield from (f"single_blocks.{number}.modulation" for number in range(len(flux.single_blocks)))


class Model(torch.nn.Module):
    """What ComfyUI's loader asks of a model."""

    def __init__(self) -> None:
        super().__init__()
        self.diffusion_model = meta_flux(**FLUX_DEV)
        self.device = None


def patcher(without: list[str]):
    """Return ComfyUI's MODEL, with an empty module in the place of each of these layers."""
    import comfy.model_patcher

    made = comfy.model_patcher.ModelPatcher(Model(), torch.device("meta"), torch.device("cpu"))
    made.pin_weight_to_device = lambda *_: None  # there is nothing to pin
    for layer in without:
        made.add_object_patch(f"diffusion_model.{layer}", torch.nn.Identity())
    return made


def loaded_bytes(budget: float, without: list[str]) -> int:
    """Return the bytes that ComfyUI puts on a card for good within a budget of gigabytes."""
    import comfy.model_management

    comfy.model_management.NUM_STREAMS = STREAMS
    made = patcher(without)
    made.patch_model(device_to=torch.device("meta"), lowvram_model_memory=int(budget * 1e9))
    return made.model.model_loaded_weight_memory


def seen_by_others(layers: list[str]) -> tuple[int, bool]:
    """Return how many keys are gone while such a MODEL is loaded, and if a patch for one is taken.

    The module is shared by all clones of a MODEL, and stays as it is until another one is loaded.
    """
    made = patcher(without=layers)
    before = set(made.model.state_dict())
    made.patch_model(device_to=torch.device("meta"), lowvram_model_memory=int(20e9))
    key = f"diffusion_model.{layers[0]}.lin.weight"
    taken = patcher_of(made.model).add_patches({key: ("diff", (torch.zeros(1),))})
    return len(before - set(made.model.state_dict())), bool(taken)


def patcher_of(model):
    """Return another MODEL around the same module, as every clone is."""
    import comfy.model_patcher

    return comfy.model_patcher.ModelPatcher(model, torch.device("meta"), torch.device("cpu"))


if __name__ == "__main__":
    sys.exit(main())
