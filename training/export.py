"""The trained weights as the files that people load: FLUX.1's keys, and the published LoRA's."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from any2any_core.layout import ANY2ANY, ISOLATED
from devtools.bfl import bfl_weights

from .autoencoder import Autoencoder
from .examples import export_examples
from .learner import Learner
from .lora.export import published_weights, write_lora
from .stage import written_whole

DEMO = Path(__file__).resolve().parent.parent / "demo"
LORA = "any2any_demo_tryon.safetensors"
ALL_JOBS_LORA = "any2any_demo_alltasks.safetensors"
ISOLATED_LORA = "any2any_demo_isolated.safetensors"


def export(
    learner: Learner,
    isolated: Learner | None,
    all_jobs: Learner,
    autoencoder: Autoencoder,
    folder: Path = DEMO,
) -> None:
    """Write the demo's files and its example, in half precision; what is None stays as it is."""
    transformer = learner.transformer
    export_lora(transformer, folder / "loras" / LORA, "try-on")
    tasks = "try-on, layers, model-free, garment reconstruction"
    if isolated:
        export_lora(isolated.transformer, folder / "loras" / ISOLATED_LORA, "try-on", ISOLATED)
    export_lora(all_jobs.transformer, folder / "loras" / ALL_JOBS_LORA, tasks)
    write(base_weights(transformer), folder / "diffusion_models" / "any2any_demo_base.safetensors")
    text = learner.words.state_dict()
    write(text, folder / "text_encoders" / "any2any_demo_text.safetensors")
    write(autoencoder.state_dict(), folder / "vae" / "any2any_demo_vae.safetensors")
    export_examples(folder / "examples")


def export_lora(transformer, path: Path, task: str, layout: str = ANY2ANY) -> None:
    """Write a LoRA in the published files' form, with what it is for in its header."""
    weights = {name: weight.half() for name, weight in published_weights(transformer).items()}
    write_lora(weights, path, {"task": task, "layout": layout})


def base_weights(transformer) -> dict[str, torch.Tensor]:
    """Return the base in FLUX.1's keys, without the LoRA."""
    plain = {
        name.replace(".base_layer", ""): weight
        for name, weight in transformer.state_dict().items()
        if "lora_" not in name
    }
    return bfl_weights(plain)


def write(weights: dict[str, torch.Tensor], path: Path) -> None:
    """Write a safetensors file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as part:
        save_file({name: w.half().contiguous() for name, w in weights.items()}, part)
