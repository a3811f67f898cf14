"""The two forms that every job is drawn in: FLUX.1-dev's and the demo model's.

They differ in loaders, files, sizes and steps, and in nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .graph import Graph, Out

HUGGING_FACE = "https://huggingface.co"
FLUX_LICENCE = "FLUX.1 [dev] Non-Commercial"

TRYON = "dev_lora_any2any_tryon.safetensors"
ALL_TASKS = "dev_lora_any2any_alltasks.safetensors"
VITONHD = "dev_lora_tryon_vitonhd_512.safetensors"
DEMO_LORAS = {
    TRYON: "any2any_demo_tryon.safetensors",
    ALL_TASKS: "any2any_demo_alltasks.safetensors",
    VITONHD: "any2any_demo_tryon.safetensors",
}
"""The demo model's LoRA in place of FLUX.1-dev's."""


@dataclass(frozen=True)
class File:
    """A model file: where it is published, where it goes and what it may be used for."""

    name: str
    repository: str
    directory: str
    licence: str

    @property
    def link(self) -> dict[str, str]:
        """What makes the front end offer the download."""
        url = f"{HUGGING_FACE}/{self.repository}/resolve/main/{self.name}"
        return {"name": self.name, "url": url, "directory": self.directory}

    @property
    def stem(self) -> str:
        return self.name.removesuffix(".safetensors")

    @property
    def title(self) -> str:
        """Return what its page calls it."""
        return self.repository.rpartition("/")[2]

    @property
    def row(self) -> str:
        """Return the note's table row."""
        page = f"{HUGGING_FACE}/{self.repository}"
        return f"| [{self.stem}]({page}) | `{self.directory}` | {self.licence} |"


FLUX = File(
    "flux1-dev.safetensors", "black-forest-labs/FLUX.1-dev", "diffusion_models", FLUX_LICENCE
)
FILL = File(
    "flux1-fill-dev.safetensors",
    "black-forest-labs/FLUX.1-Fill-dev",
    "diffusion_models",
    FLUX_LICENCE,
)
ENCODERS = "comfyanonymous/flux_text_encoders"
CLIP_L = File("clip_l.safetensors", ENCODERS, "text_encoders", "MIT")
T5 = File("t5xxl_fp16.safetensors", ENCODERS, "text_encoders", "Apache-2.0")
AE = File("ae.safetensors", "black-forest-labs/FLUX.1-dev", "vae", FLUX_LICENCE)


def lora_file(name: str) -> File:
    return File(name, "loooooong/Any2anyTryon", "loras", "as FLUX.1 [dev]; see the page")


def linked(*files: File) -> dict:
    """Return the saved node's `extra` that offers the files."""
    return {"properties": {"models": [file.link for file in files]}}


@dataclass(frozen=True)
class Loaded:
    """What a form's loaders give."""

    model: Out
    clip: Out
    vae: Out


@dataclass(frozen=True)
class Form:
    """Everything in which one form differs from the other."""

    prefix: str
    """Of the file's name."""
    pictures: dict[str, str]
    """A LoadImage's file by what it shows; anything else takes that of `person`."""
    load: Callable[[Graph, File], Loaded]
    """Adds the loaders of FLUX.1-dev or of another FLUX.1 file."""
    max_side: int
    min_side: int
    size: tuple[int, int]
    """Width and height where no photo says them."""
    steps: int
    steps_a_layer: int
    """The demo model's layers come nearest to the true picture in few."""
    after: str
    """What happens to the seed after a run."""

    @property
    def is_demo(self) -> bool:
        return bool(self.prefix)

    def picture(self, what: str) -> str:
        return self.pictures.get(what, self.pictures["person"])


def load_flux(graph: Graph, file: File) -> Loaded:
    """Add FLUX.1's loaders; T5 is padded to 512 tokens, as in training."""
    unet = graph.add("UNETLoader", unet_name=file.name, extra=linked(file))
    clip = graph.add(
        "DualCLIPLoader",
        clip_name1=CLIP_L.name,
        clip_name2=T5.name,
        type="flux",
        extra=linked(CLIP_L, T5),
    )
    vae = graph.add("VAELoader", vae_name=AE.name, extra=linked(AE))
    padded = graph.add(
        "T5TokenizerOptions",
        right=1,
        title="T5: 512 tokens, as trained",
        clip=clip["CLIP"],
        min_length=512,
    )
    return Loaded(unet["MODEL"], padded["CLIP"], vae["VAE"])


def load_demo(graph: Graph, _file: File) -> Loaded:
    demo = graph.add("LoadAny2AnyDemo")
    return Loaded(demo["model"], demo["clip"], demo["vae"])


FLUX_FORM = Form(
    prefix="",
    pictures={"person": "example.png"},
    load=load_flux,
    max_side=1024,
    min_side=384,
    size=(576, 768),
    steps=30,
    steps_a_layer=30,
    after="randomize",
)

DEMO_FORM = Form(
    prefix="demo_",
    pictures={
        name: f"any2any_{name}.png"
        for name in (
            *("person", "person_2", "person_wide", "person_jacket", "worn"),
            *("garment", "garment_2", "garment_3", "cutout", "jacket"),
        )
    },
    load=load_demo,
    max_side=192,
    min_side=144,
    size=(144, 192),
    steps=8,
    steps_a_layer=4,
    after="fixed",
)

FORMS = (FLUX_FORM, DEMO_FORM)
