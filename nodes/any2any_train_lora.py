"""Any2AnyTrainLoRA: the training command, run as a process of its own."""

from comfy_api.latest import io

from ..any2any_core.png import read_png
from ._comfy.output import folder_in, place_input, shown
from ._comfy.schema import schema
from ._comfy.training import files_listed, lora_folder, model_file, result_pictures, train
from ._types import CATEGORY

DEMO = "demo"
NONE = "none"
"""The demo model has a VAE and a text encoder of its own."""

RUNS = "any2any/training"
CHECKPOINT_EVERY = 25
"""Steps that Cancel may cost."""
FILES = {
    "base": ("diffusion_models", "base"),
    "vae": ("vae", "vae"),
    "clip_l": ("text_encoders", "clip"),
    "t5xxl": ("text_encoders", "t5"),
}
"""The inputs that choose a model file: ComfyUI's kind of it, and the command's word."""


class Any2AnyTrainLoRA(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyTrainLoRA",
            display_name="Any2Any Train LoRA (try-on)",
            category=CATEGORY,
            description=(
                "Trains a try-on LoRA of your own from a set of triples, in a process of its own: "
                "ComfyUI's models leave the card meanwhile. Cancel keeps the last checkpoint, and "
                "the next run goes on from there. Needs diffusers, peft and matplotlib in "
                "ComfyUI's Python; where they are missing it says how to install them."
            ),
            inputs=[
                io.String.Input(
                    "folder",
                    default="any2any/triples",
                    tooltip="The folder with person, garment and target in it, one name a triple.",
                ),
                place_input(),
                io.String.Input(
                    "name",
                    default="my_tryon_lora",
                    tooltip=(
                        "The LoRA's file name in models/loras. Checkpoint, log and samples go to "
                        "output/any2any/training/ and this name; another name begins anew."
                    ),
                ),
                io.Combo.Input(
                    "base",
                    options=files_listed("diffusion_models", DEMO),
                    default=DEMO,
                    tooltip="FLUX.1-dev as bf16, fp16 or simple fp8; demo: the pack's small model.",
                ),
                io.Combo.Input(
                    "vae",
                    options=files_listed("vae", NONE),
                    default=NONE,
                    tooltip="ae.safetensors for FLUX.1-dev; none for demo.",
                ),
                io.Combo.Input(
                    "clip_l",
                    options=files_listed("text_encoders", NONE),
                    default=NONE,
                    tooltip="clip_l.safetensors for FLUX.1-dev; none for demo.",
                ),
                io.Combo.Input(
                    "t5xxl",
                    options=files_listed("text_encoders", NONE),
                    default=NONE,
                    tooltip="t5xxl_fp16 or t5xxl_fp8 for FLUX.1-dev; none for demo.",
                ),
                io.String.Input(
                    "tasks",
                    default="",
                    tooltip=(
                        "Tasks and weights, such as try-on=3,model-free=1,garment "
                        "reconstruction=1. Empty: each triple's own."
                    ),
                ),
                io.String.Input(
                    "sizes",
                    default="",
                    tooltip=(
                        "Sizes such as 576x768,768x576, or a range of sides such as 384-896, in "
                        "multiples of 16. Empty: 384-896, and 144x192 for demo."
                    ),
                ),
                io.Int.Input(
                    "steps",
                    default=2000,
                    min=1,
                    max=1_000_000,
                    tooltip="Steps of the optimizer. A higher number trains a finished LoRA on.",
                ),
                io.Int.Input(
                    "rank",
                    default=64,
                    min=1,
                    max=1024,
                    tooltip="Of the LoRA: 64 as published; 16 takes a quarter of the memory.",
                ),
                io.Float.Input(
                    "alpha",
                    default=0.0,
                    min=0.0,
                    max=4096.0,
                    step=1.0,
                    tooltip="Of the LoRA. 0: as the rank, so that strength 1 is what was trained.",
                ),
                io.Float.Input(
                    "rate",
                    default=0.0001,
                    min=0.0,
                    max=1.0,
                    step=0.00001,
                    round=0.0000001,
                    tooltip="The learning rate: 0.0001 for FLUX.1-dev, 0.001 for demo.",
                ),
                io.Int.Input(
                    "batch", default=1, min=1, max=256, tooltip="Triples at once: memory."
                ),
                io.Int.Input(
                    "accumulation",
                    default=4,
                    min=1,
                    max=1024,
                    tooltip="Batches to a step: a larger batch in more time and no more memory.",
                ),
                io.Combo.Input(
                    "attention",
                    options=["full", "isolated"],
                    default="full",
                    tooltip=(
                        "full: as published. isolated: the conditions see themselves alone, so "
                        "that a sampler computes them once for all steps."
                    ),
                ),
                io.Combo.Input(
                    "base_weights",
                    options=["computed", "float8"],
                    default="computed",
                    tooltip="float8 keeps the frozen model in half the memory, for 24 GB cards.",
                ),
                io.Boolean.Input(
                    "checkpointing",
                    default=True,
                    tooltip="Gradient checkpointing: much less memory, 1.4 times the arithmetic.",
                ),
                io.Combo.Input(
                    "optimizer",
                    options=["adamw", "adamw8bit"],
                    default="adamw",
                    tooltip="adamw8bit needs bitsandbytes and saves 6 bytes a trained weight.",
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFF,
                    control_after_generate=False,
                    tooltip="Of the first weights, the order and the noise. Keep it to go on.",
                ),
                io.Int.Input(
                    "held_out",
                    default=4,
                    min=0,
                    max=64,
                    tooltip="Triples that are not trained on, but shown on the sheet of samples.",
                ),
                io.Int.Input(
                    "sheet_every",
                    default=250,
                    min=0,
                    max=100_000,
                    tooltip="Steps between two sheets of samples; 0: none.",
                ),
            ],
            outputs=[
                io.String.Output(
                    display_name="lora_name",
                    tooltip="The LoRA's file in models/loras, for LoadTryonLoRA after pressing R.",
                ),
                io.Image.Output(
                    display_name="pictures",
                    is_output_list=True,
                    tooltip="The last sheet of samples, if there is one, and the loss's curve.",
                ),
            ],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, folder: str, place: str, name: str, **choices) -> io.NodeOutput:
        out = folder_in("output", f"{RUNS}/{name}")
        places = {
            "data": folder_in(place, folder),
            "out": out,
            "name": name,
            "lora_folder": lora_folder(),
            "cache": folder_in("output", f"{RUNS}/encoded"),
            "checkpoint_every": CHECKPOINT_EVERY,
        }
        train(command_words(places | translated(choices)), out)
        pictures = result_pictures(out)
        images = [read_png(path) for path in pictures]
        return io.NodeOutput(f"{name}.safetensors", images, ui=shown(*pictures))


def translated(choices: dict) -> dict:
    """Return the choices under the command's names, model files as their paths."""
    result = {}
    for name, value in choices.items():
        kind, word = FILES.get(name, (None, name))
        if kind is None or value == DEMO:
            result[word] = value
        elif value != NONE:
            result[word] = model_file(kind, value)
    return result


def command_words(choices: dict) -> list[str]:
    """Return the choices as the command's words."""
    words = []
    for name, value in choices.items():
        word = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{word}" if value else f"--no-{word}")
        else:
            words.append(f"--{word}={value}")
    return words
