"""Any2AnyLookbook: people and garments, a try-on for each pair."""

from dataclasses import replace
from functools import partial

from comfy_api.latest import io

from ..any2any_core.ahead import checked_garment, checked_person
from ..any2any_core.digests import digest, picture_digest
from ..any2any_core.geometry import Size, target_size
from ..any2any_core.lookbook import (
    ALL,
    PAIRS,
    look_files,
    lookbook_pairs,
    only_entry,
    single_pictures,
    source_digests,
)
from ..any2any_core.panels import SEPARATELY, TOGETHER, pairs_encoded
from ..any2any_core.png import is_whole_png
from ._comfy.expansion import Look, given_inputs, lookbook
from ._comfy.output import files_starting, output_name, output_path
from ._comfy.sampling import SAMPLERS
from ._comfy.schema import schema
from ._comfy.vae import checked_vae, encoded
from ._comfy.weights import weights_files
from ._types import CATEGORY

SOURCES = ("model", "positive", "vae", "negative")
SETTINGS = ("width", "height", "seed", "steps", "cfg", "sampler_name")
METHOD = 1
"""Goes up when the pack makes another picture of the same inputs; old files then stay unused."""


class Any2AnyLookbook(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyLookbook",
            display_name="Any2Any Lookbook (try-on)",
            category=CATEGORY,
            description=(
                "Dresses every person in every garment, or one in one, and saves each picture as "
                "soon as it is done. Cancelled and run again it continues: what is in the folder "
                "already is taken from there, unless anything of its making has changed."
            ),
            inputs=[
                io.Model.Input("model", tooltip="FLUX.1-dev with a try-on LoRA on it."),
                io.Conditioning.Input("positive", tooltip="The prompt, the same for every pair."),
                io.Vae.Input("vae", tooltip="FLUX.1's VAE (ae.safetensors), or taef1."),
                io.Image.Input(
                    "people", tooltip="The people to dress: a batch, a list or both, any sizes."
                ),
                io.Image.Input(
                    "garments", tooltip="The garments: a batch, a list or both, any sizes."
                ),
                io.Conditioning.Input(
                    "negative",
                    optional=True,
                    tooltip=(
                        "Only used when cfg is over 1. Left open, it is the positive with its "
                        "text zeroed."
                    ),
                ),
                io.Combo.Input(
                    "pairs",
                    options=list(PAIRS),
                    default=ALL,
                    tooltip=(
                        "all: every person in every garment. one to one: the first person in the "
                        "first garment, the second in the second, and so on."
                    ),
                ),
                io.Int.Input(
                    "width",
                    default=576,
                    min=16,
                    max=4096,
                    step=16,
                    tooltip="Width in which pictures are made, in pixels; rounded down to 16.",
                ),
                io.Int.Input(
                    "height",
                    default=768,
                    min=16,
                    max=4096,
                    step=16,
                    tooltip="Height in which pictures are made, in pixels; rounded down to 16.",
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=True,
                    tooltip=(
                        "Every pair takes this same seed. Set it to fixed, so that a cancelled "
                        "lookbook continues: another seed makes all pictures anew."
                    ),
                ),
                io.Int.Input(
                    "steps",
                    default=30,
                    min=1,
                    max=10000,
                    tooltip="Of each picture: 30 as published; 15 is a fair draft.",
                ),
                io.Float.Input(
                    "cfg",
                    default=1.0,
                    min=0.0,
                    max=100.0,
                    step=0.1,
                    tooltip=(
                        "1 as published (FluxGuidance steers instead). Over 1 uses the negative "
                        "and takes twice as long."
                    ),
                ),
                io.Combo.Input(
                    "sampler_name", options=SAMPLERS, default="euler", tooltip="euler as published."
                ),
                io.String.Input(
                    "filename_prefix",
                    default="lookbook/look",
                    tooltip=(
                        "Folder and beginning of the files' names inside ComfyUI's output folder; "
                        "person, garment and a digest follow: look_p01_g02_....png."
                    ),
                ),
                io.Combo.Input(
                    "encode",
                    options=[TOGETHER, SEPARATELY],
                    default=TOGETHER,
                    optional=True,
                    tooltip=(
                        "together: person and garment as one picture, as the published scripts "
                        "do. separately: every photo alone and only once, however many pictures "
                        "it is in; before the first of them."
                    ),
                ),
            ],
            outputs=[
                io.Image.Output(
                    display_name="images",
                    is_output_list=True,
                    tooltip=(
                        "A list of the pictures, person by person, each in its person photo's own "
                        "size; for Any2AnyContactSheet."
                    ),
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
            is_input_list=True,
            is_output_node=True,
            enable_expand=True,
        )

    @classmethod
    def fingerprint_inputs(cls, filename_prefix: list, **inputs) -> str | None:
        """The folder is an input too: a picture that is gone or damaged is made again."""
        (prefix,) = filename_prefix
        return None if prefix is None else digest(files_starting(prefix))

    @classmethod
    def execute(
        cls, people: list, garments: list, encode: list = (TOGETHER,), **inputs: list
    ) -> io.NodeOutput:
        one = {name: only_entry(entries, name) for name, entries in inputs.items()}
        people, garments = single_pictures(people), single_pictures(garments)
        pairs = lookbook_pairs(len(people), len(garments), one["pairs"])
        target = target_size(one["width"], one["height"])
        people = [checked_person(photo, target, f"person {n}") for n, photo in enumerate(people, 1)]
        garments = [
            checked_garment(photo, target, f"garment {n}") for n, photo in enumerate(garments, 1)
        ]

        separately = only_entry(encode, "encode") == SEPARATELY
        given = given_inputs(cls.hidden)
        sources = {name: given[name] for name in SOURCES if name in given}
        settings = {name: one[name] for name in SETTINGS}
        files = look_files(
            output_path(one["filename_prefix"]),
            pairs,
            [picture_digest(photo) for photo in people],
            [picture_digest(photo) for photo in garments],
            making=[
                METHOD,
                settings,
                source_digests(sources, cls.hidden.dynprompt.get_node, weights_files),
                *([SEPARATELY] if separately else []),
            ],
        )
        looks = [
            Look(
                name=str(pair),
                person=people[pair.person],
                garment=garments[pair.garment],
                file=output_name(file),
                done=is_whole_png(file),
            )
            for pair, file in zip(pairs, files)
        ]
        if separately:
            looks = looks_encoded(one["vae"], target, looks)
        subgraph, images = lookbook(sources | settings, looks)
        return io.NodeOutput(images, expand=subgraph)


def looks_encoded(vae, target: Size, looks: list[Look]) -> list[Look]:
    """Return the looks, those to be made with their conditions, every photo encoded once."""
    checked_vae(vae)
    pairs = [(look.person, look.garment) for look in looks if not look.done]
    conditions = iter(pairs_encoded(target, pairs, partial(encoded, vae)))
    return [look if look.done else replace(look, conditions=next(conditions)) for look in looks]
