"""One person in four garments, made in four ways: what is done once, and what that saves.

The demo model makes the pictures in this process, with ComfyUI's own executor and cache; calls and
pictures of every part are counted. What a part costs on FLUX.1-dev is counted by torch on the meta
device, and multiplied with how often it came.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from functools import cache
from importlib import import_module
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from devtools.demo import EXAMPLE
from devtools.tables import markdown

from .comfyui import nodes_by_id
from .flops import TEXT_TOKENS, TryOn, meta_flux
from .machine import machine
from .parts import DECODE, ENCODE, STEP, TEXT, Counts, counts, executor, run
from .report import shown
from .workload import FLUX_DEV

WIDTH, HEIGHT = 144, 192
"""The demo model's own size."""

FLUX_SIZE, FLUX_STEPS = (576, 768), 30

GARMENTS = ("garment", "garment_2", "garment_3", "truth")
"""Four pictures; what is on them does not matter here."""

SINGLE, TOGETHER, SEPARATELY, BATCH = (
    "four single runs",
    "Lookbook, together",
    "Lookbook, separately",
    "a batch of four, separately",
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lookbook", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--steps", type=int, default=8, help="of each picture; default: 8")
    parser.add_argument("--output", type=Path, help="also write the tables here, as markdown")
    options = parser.parse_args(arguments)
    classes = nodes_by_id()
    with tempfile.TemporaryDirectory() as folder:
        prepare(classes, Path(folder))
        measured = measure(options.rounds, options.steps)
    text = "\n\n".join(
        (
            machine(torch.get_num_threads()),
            f"the demo model, {WIDTH}x{HEIGHT}, {options.steps} steps; {options.rounds} rounds",
            markdown(counts_and_seconds(measured)),
            f"FLUX.1-dev, {FLUX_SIZE[0]}x{FLUX_SIZE[1]}, {FLUX_STEPS} steps, TFLOP",
            markdown(flux_flops({way: parts for way, (parts, _) in measured.items()})),
        )
    )
    shown(text + "\n", options.output)
    return 0


def prepare(classes: dict[str, type], folder: Path) -> None:
    """Let ComfyUI know our nodes and photos, and write into `folder`."""
    import folder_paths

    import nodes

    nodes.NODE_CLASS_MAPPINGS.update(classes)
    folder_paths.set_input_directory(str(EXAMPLE))
    folder_paths.set_output_directory(str(folder))


Measured = dict[str, tuple[Counts, float]]
"""By way: the counts of one round, and the processor's seconds for a round, the median."""


def measure(rounds: int, steps: int) -> Measured:
    """Make the four pictures in every way, in turn, each time with an empty cache."""
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    parts: dict[str, Counts] = {}
    run(executor(), single(GARMENTS[0], steps=1, seed=0))  # what only the first run ever pays
    for number in range(rounds):
        for way, prompts in WAYS.items():
            with counts(WIDTH * HEIGHT) as parts[way]:
                started, one_executor = time.process_time(), executor()
                for prompt in prompts(steps, seed=number):
                    run(one_executor, prompt)
            seconds[way].append(time.process_time() - started)
    return {way: (parts[way], statistics.median(seconds[way])) for way in WAYS}


def node(class_type: str, **inputs) -> dict:
    return {"class_type": class_type, "inputs": inputs}


def sources() -> dict[str, dict]:
    """Return the nodes that every way has: model, text and photos."""
    photos = {name: node("LoadImage", image=f"{name}.png") for name in ("person", *GARMENTS)}
    return photos | {
        "demo": node("LoadAny2AnyDemo"),
        "text": node("CLIPTextEncode", clip=["demo", 1], text="a person in a top"),
    }


def try_on(garment: str, steps: int, seed: int, encode: str) -> dict[str, dict]:
    """Return a try-on from the node `garment` on, without what it starts from."""
    return {
        "encode": node(
            "ConditionImageEncode",
            **{"vae": ["demo", 2], "width": WIDTH, "height": HEIGHT, "encode": encode},
            **{"person": ["person", 0], "garment": [garment, 0]},
        ),
        "pack": node(
            "AdaptivePositionPack",
            **{"model": ["demo", 0], "positive": ["text", 0], "conditions": ["encode", 0]},
            **{"layout": "auto", "batch_size": 1, "clean_conditions": True},
        ),
        "sample": node(
            "Any2AnySampler",
            **{"model": ["pack", 0], "positive": ["pack", 1], "negative": ["pack", 2]},
            **{"latent": ["pack", 3], "seed": seed, "steps": steps, "cfg": 1.0},
            **{"sampler_name": "euler", "denoise": 1.0, "noise": "comfy"},
        ),
        "decode": node("VAEDecode", samples=["sample", 0], vae=["demo", 2]),
        "save": node("SaveImage", images=["decode", 0], filename_prefix="single"),
    }


def single(garment: str, steps: int, seed: int) -> dict[str, dict]:
    return sources() | try_on(garment, steps, seed, "together")


def singles(steps: int, seed: int) -> list[dict]:
    return [single(garment, steps, seed) for garment in GARMENTS]


def batched_garments() -> dict[str, dict]:
    """Return the nodes that make one batch of the garments; its last is `batch_3`."""
    nodes, before = {}, GARMENTS[0]
    for number, name in enumerate(GARMENTS[1:], 1):
        nodes[f"batch_{number}"] = node("ImageBatch", image1=[before, 0], image2=[name, 0])
        before = f"batch_{number}"
    return nodes


def batch(steps: int, seed: int) -> list[dict]:
    return [sources() | batched_garments() | try_on("batch_3", steps, seed, "separately")]


def lookbook(encode: str, steps: int, seed: int) -> list[dict]:
    book = node(
        "Any2AnyLookbook",
        **{"model": ["demo", 0], "positive": ["text", 0], "vae": ["demo", 2]},
        **{"people": ["person", 0], "garments": ["batch_3", 0], "pairs": "all"},
        **{"width": WIDTH, "height": HEIGHT, "seed": seed, "steps": steps, "cfg": 1.0},
        **{"sampler_name": "euler", "filename_prefix": f"{encode}/look", "encode": encode},
    )
    return [sources() | batched_garments() | {"book": book}]


WAYS = {
    SINGLE: singles,
    TOGETHER: lambda steps, seed: lookbook("together", steps, seed),
    SEPARATELY: lambda steps, seed: lookbook("separately", steps, seed),
    BATCH: batch,
}


def counts_and_seconds(measured: Measured) -> list[list[str]]:
    """Return a row a way: texts, panels through the encoder, calls of the model, seconds."""
    rows = [["", "texts", "panels encoded", "model calls", "pictures a call", "s of the processor"]]
    for way, (parts, seconds) in measured.items():
        numbers = (len(parts[TEXT]), sum(parts[ENCODE]), len(parts[STEP]), max(parts[STEP]))
        rows.append([way, *map(str, numbers), f"{seconds:.2f}"])
    return rows


def flux_flops(counted: dict[str, Counts]) -> list[list[str]]:
    """Return a row a part: what a way costs on FLUX.1-dev, by how often the part came."""
    rows = [["", *counted]]
    totals = dict.fromkeys(counted, 0.0)
    for name, words in (
        (TEXT, "text (T5)"),
        (ENCODE, "encoding"),
        (STEP, "steps"),
        (DECODE, "decoding"),
    ):
        row = [words]
        for way, parts in counted.items():
            flops = sum(map(PART_FLOPS[name], parts[name]))
            if name == STEP:  # as many steps as FLUX.1-dev takes
                flops *= FLUX_STEPS * len(GARMENTS) / sum(parts[name])
            totals[way] += flops
            row.append(f"{flops / 1e12:,.1f}")
        rows.append(row)
    rows.append(["in all", *(f"{total / 1e12:,.1f}" for total in totals.values())])
    first = next(iter(totals.values()))
    rows.append(["of four single runs", *(f"{total / first:.4f}" for total in totals.values())])
    return rows


def counted_flops(call) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        call()
    return counter.get_total_flops()


@cache
def autoencoder():
    """Return FLUX.1's autoencoder on the meta device: encoder and decoder."""
    model = import_module("comfy.ldm.modules.diffusionmodules.model")
    config = {"ch": 128, "ch_mult": (1, 2, 4, 4), "num_res_blocks": 2, "attn_resolutions": []}
    config |= {"in_channels": 3, "out_ch": 3, "resolution": 256, "z_channels": 16}
    with torch.device("meta"):
        return model.Encoder(double_z=True, **config), model.Decoder(**config)


@cache
def encoding_flops(panels: int) -> int:
    """Return the FLOPs of encoding so many panels side by side as one picture."""
    pixels = torch.empty(1, 3, FLUX_SIZE[1], panels * FLUX_SIZE[0], device="meta")
    return counted_flops(lambda: autoencoder()[0](pixels))


@cache
def decoding_flops(pictures: int) -> int:
    latent = torch.empty(pictures, 16, FLUX_SIZE[1] // 8, FLUX_SIZE[0] // 8, device="meta")
    return counted_flops(lambda: autoencoder()[1](latent))


@cache
def text_flops(_texts: int) -> int:
    """Return the FLOPs of T5-XXL on a prompt; CLIP-L is a thousandth of it."""
    import comfy.ops
    import comfy.text_encoders.t5 as t5

    config = json.loads(Path(t5.__file__).with_name("t5_config_xxl.json").read_text())
    model = t5.T5(config, torch.bfloat16, "meta", comfy.ops.disable_weight_init)
    embeds = torch.empty(1, TEXT_TOKENS, config["d_model"], dtype=torch.bfloat16, device="meta")
    return counted_flops(lambda: model(None, None, embeds=embeds))


@cache
def step_flops(pictures: int) -> int:
    return pictures * TryOn(FLUX_SIZE, 1).counted(meta_flux(**FLUX_DEV), {}, sigma=1.0)


PART_FLOPS = {TEXT: text_flops, ENCODE: encoding_flops, STEP: step_flops, DECODE: decoding_flops}


if __name__ == "__main__":
    sys.exit(main())
