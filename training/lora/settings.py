"""Every choice of a training, checked; also the command's words and the file's header."""

from __future__ import annotations

import argparse
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from any2any_core.layout import ANY2ANY, CANVAS, ISOLATED

from ..data import named_columns
from .tasks import task_weights

PLACE = "place"
"""Where things are: differs between computers, and stands in no file that is given away."""
FREE = "free"
"""May change between a run and its continuation without changing what is learned."""
METHOD = "method"
FULL = "full"


def choice(default: Any, words: str, kind: str = METHOD, options: tuple = ()) -> Any:
    """Return a field with its help."""
    return field(default=default, metadata={"help": words, "kind": kind, "options": options})


@dataclass(frozen=True)
class Settings:
    """What is trained on what, and how.

    Raises:
        ValueError: a number out of range, or an unknown task.
    """

    data: str = field(
        metadata={
            "help": "triples: a folder, parquet or VITON-HD's list",
            "kind": PLACE,
            "options": (),
        }
    )
    columns: str = choice("", "parquet's own columns: 'person=inpaint_bytes,target=file'", PLACE)
    pictures: str = choice("", "folder of the pictures that parquet gives by name", PLACE)
    out: str = choice("output/training", "folder for checkpoint, log and samples", PLACE)
    name: str = choice("any2any_lora", "the LoRA file's name, without .safetensors", PLACE)
    lora_folder: str = choice("", "folder for the LoRA file (out)", PLACE)
    base: str = choice("demo", "FLUX.1 transformer: .safetensors, diffusers folder, or demo", PLACE)
    vae: str = choice("", "its VAE: .safetensors or diffusers folder (the base's own)", PLACE)
    clip: str = choice("", "clip_l.safetensors (the base's own)", PLACE)
    t5: str = choice("", "t5xxl .safetensors (the base's own)", PLACE)
    cache: str = choice("", "folder for encoded pictures and texts (out/encoded)", PLACE)

    tasks: str = choice("", "tasks and weights: 'try-on=3,model-free=1' (each triple's own)")
    layout: str = choice(
        ANY2ANY, "positions: the method's, or its ablation", METHOD, (ANY2ANY, CANVAS)
    )
    attention: str = choice(
        FULL,
        "isolated: conditions see themselves alone, so that sampling computes them once",
        METHOD,
        (FULL, ISOLATED),
    )
    encode: str = choice(
        "together",
        "conditions as one picture, as published, or one by one",
        METHOD,
        ("together", "separately"),
    )
    sizes: str = choice("", "'576x768,768x576', or a range of sides '384-896' (the base's own)")
    buckets: int = choice(16, "how many sizes are drawn from a range")

    rank: int = choice(64, "rank of the LoRA")
    alpha: float = choice(0.0, "its alpha; 0: the rank, which means scale 1")
    modules: str = choice("published", "published, double (blocks alone), or a pattern for peft")

    steps: int = choice(2000, "optimizer steps", FREE)
    batch: int = choice(1, "triples at once")
    accumulation: int = choice(1, "batches to a step")
    rate: float = choice(1e-4, "learning rate")
    schedule: str = choice("constant", "of the rate", METHOD, ("constant", "linear", "cosine"))
    warmup: int = choice(100, "steps until the rate is reached")
    optimizer: str = choice("adamw", "adamw8bit needs bitsandbytes", METHOD, ("adamw", "adamw8bit"))
    weight_decay: float = choice(0.01, "of the optimizer")
    clip_norm: float = choice(1.0, "largest norm of the gradient")
    ema: float = choice(0.99, "decay of the average weights, which are what is saved; 0: none")

    logit_mean: float = choice(0.0, "of the logit-normal noise levels")
    logit_std: float = choice(1.0, "of the logit-normal noise levels")
    shift: str = choice(
        "none", "canvas: noise levels shifted as the sampler's", METHOD, ("none", "canvas")
    )
    guidance: float = choice(3.5, "distilled guidance that the base is given")
    text_tokens: int = choice(512, "T5's tokens")

    precision: str = choice("bf16", "of the computation", METHOD, ("bf16", "fp32"))
    base_weights: str = choice(
        "computed", "float8 halves the frozen weights", METHOD, ("computed", "float8")
    )
    checkpointing: bool = choice(
        False, "gradient checkpointing: less memory, 1.4 times the arithmetic", FREE
    )
    device: str = choice("", "cuda, cpu, ... (what is there)", FREE)

    seed: int = choice(0, "of weights, order and noise")
    held_out: int = choice(4, "triples that are only looked at, on the sheet of samples")
    sheet_every: int = choice(500, "steps between two sheets of samples; 0: none", FREE)
    sheet_steps: int = choice(20, "sampling steps of the sheet", FREE)
    checkpoint_every: int = choice(100, "steps between two checkpoints", FREE)
    log_every: int = choice(10, "steps between two lines of the log", FREE)

    def __post_init__(self) -> None:
        for name, least in LEAST.items():
            if (value := getattr(self, name)) < least:
                raise ValueError(
                    f"{words_of(name)} is {value}, but at least {least} was expected: raise it."
                )
        for choice_ in fields(self):
            options, value = choice_.metadata["options"], getattr(self, choice_.name)
            if options and value not in options:
                raise ValueError(
                    f"{words_of(choice_.name)} is '{value}', but one of {', '.join(options)} was "
                    "expected: choose one."
                )
        if not 0 <= self.ema < 1:
            raise ValueError(
                f"--ema is {self.ema}, but 0 (none) to under 1 was expected: 0.99 is usual."
            )
        if not self.name or Path(self.name).name != self.name:
            raise ValueError(
                f"--name is '{self.name}', but a file's name was expected: leave folders to "
                "--lora-folder."
            )
        if self.isolated and self.layout != ANY2ANY:
            raise ValueError(
                f"--attention is {ISOLATED} and --layout is {self.layout}, but isolated conditions "
                f"have the positions of {ANY2ANY}: leave one of the two out."
            )
        task_weights(self.tasks)
        named_columns(self.columns)

    @property
    def isolated(self) -> bool:
        return self.attention == ISOLATED

    @property
    def layout_name(self) -> str:
        """The layout that inference has to be given."""
        return ISOLATED if self.isolated else self.layout

    @property
    def scale_alpha(self) -> float:
        """The alpha that is meant: the rank where none is given."""
        return self.alpha or float(self.rank)

    @property
    def making(self) -> dict[str, Any]:
        """The choices that the weights depend on, by name."""
        made = {f.name: getattr(self, f.name) for f in fields(self) if f.metadata["kind"] == METHOD}
        return made if self.schedule == "constant" else made | {"steps": self.steps}


LEAST = {
    "buckets": 1,
    "rank": 1,
    "alpha": 0,
    "steps": 1,
    "batch": 1,
    "accumulation": 1,
    "warmup": 0,
    "held_out": 0,
    "sheet_every": 0,
    "sheet_steps": 1,
    "checkpoint_every": 1,
    "log_every": 1,
    "text_tokens": 1,
    "seed": 0,
}


def words_of(name: str) -> str:
    """Return a choice's name as the command has it."""
    return f"--{name.replace('_', '-')}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the parser a word for every choice."""
    for one in fields(Settings):
        options: dict[str, Any] = {"help": one.metadata["help"]}
        if one.default is MISSING:
            options["required"] = True
        elif isinstance(one.default, bool):
            options["action"] = argparse.BooleanOptionalAction
        else:
            options["type"] = type(one.default)
            options["help"] += f" ({one.default})" if one.default != "" else ""
        options["help"] = options["help"].replace("%", "%%")
        if one.default is not MISSING:
            options["default"] = one.default
        parser.add_argument(words_of(one.name), **options)
