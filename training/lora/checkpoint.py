"""Where a run stands, as one safetensors file: nothing in it can run when it is opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.training_utils import EMAModel
from safetensors.torch import save_file

from any2any_core.lora import read_safetensors

from ..stage import written_whole
from .settings import Settings, words_of

HEADER = "any2any_training"


@dataclass(frozen=True, eq=False)
class State:
    """Everything that a step changes."""

    parameters: dict[str, torch.nn.Parameter]
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    average: EMAModel | None


def save_checkpoint(path: Path, state: State, step: int, settings: Settings, data: str) -> None:
    """Write a checkpoint whole or not at all; `data` stands for the examples and their order."""
    tensors = {f"lora.{name}": p.detach() for name, p in state.parameters.items()}
    numbers: dict[str, Any] = {}
    for index, values in state.optimizer.state_dict()["state"].items():
        for key, value in values.items():
            name = f"optimizer.{index}.{key}"
            (tensors if isinstance(value, torch.Tensor) else numbers)[name] = value
    if state.average:
        averages = zip(state.parameters, state.average.shadow_params)
        tensors |= {f"average.{name}": average for name, average in averages}
        numbers["average.steps"] = state.average.optimization_step
    header = {
        "step": step,
        "data": data,
        "settings": settings.making,
        "numbers": numbers,
        "groups": state.optimizer.state_dict()["param_groups"],
        "schedule": state.schedule.state_dict(),
    }
    tensors = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as part:
        save_file(tensors, part, {HEADER: json.dumps(header)})


def resume(path: Path, state: State, settings: Settings, data: str) -> int:
    """Bring the state to where the checkpoint stands and return its step; 0 without one.

    Raises:
        ValueError: it was made with other settings or other data.
    """
    if not path.is_file():
        return 0
    tensors, metadata = read_safetensors(path)
    header = json.loads(metadata[HEADER])
    check_same(path, header["settings"], settings)
    if header["data"] != data:
        raise ValueError(
            f"'{path.name}' was made with other pictures, captions or base, but the same were "
            "expected to go on: give another --out, or bring the data back to what it was."
        )
    device = next(iter(state.parameters.values())).device
    with torch.no_grad():
        for name, parameter in state.parameters.items():
            parameter.copy_(tensors[f"lora.{name}"])
    moments: dict[int, dict[str, Any]] = {}
    for name, value in (tensors | header["numbers"]).items():
        kind, _, rest = name.partition(".")
        if kind == "optimizer":
            index, _, key = rest.partition(".")
            moments.setdefault(int(index), {})[key] = value
    state.optimizer.load_state_dict({"state": moments, "param_groups": header["groups"]})
    state.schedule.load_state_dict(header["schedule"])
    if state.average:
        averages = [tensors[f"average.{name}"].to(device) for name in state.parameters]
        state.average.shadow_params = averages
        state.average.optimization_step = header["numbers"]["average.steps"]
    return header["step"]


def check_same(path: Path, before: dict[str, Any], settings: Settings) -> None:
    """Check that a run goes on as it began."""
    for name, value in settings.making.items():
        if before.get(name, value) != value:
            raise ValueError(
                f"'{path.name}' was made with {words_of(name)} {before[name]}, but this run has "
                f"{value}: take the same to go on, or another --out to begin anew."
            )
