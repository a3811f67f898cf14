"""Any2AnyLayers: garments one over the other, a pass each."""

from comfy_api.latest import io

from ..any2any_core.ahead import check_layers, list_entries
from ..any2any_core.geometry import target_size
from ._comfy.expansion import given_inputs, layers
from ._comfy.sampling import SAMPLERS
from ._comfy.schema import schema
from ._types import CATEGORY

GARMENTS = {
    "garment": "positive",
    "garment_2": "positive_2",
    "garment_3": "positive_3",
    "garment_4": "positive_4",
}
"""The garments from the innermost outwards, and the prompt of each."""


class Any2AnyLayers(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyLayers",
            display_name="Any2Any Layers (try-on)",
            category=CATEGORY,
            description=(
                "Puts garments on one over the other, from the inside out: a pass for each, and "
                "each pass's result is the next one's person. Every pass shows as soon as it is "
                "done; change the last garment, and only the last pass runs again."
            ),
            inputs=[
                io.Model.Input("model", tooltip="FLUX.1-dev with a try-on LoRA on it."),
                io.Conditioning.Input(
                    "positive", tooltip="The prompt of every garment that has none of its own."
                ),
                io.Vae.Input("vae", tooltip="FLUX.1's VAE (ae.safetensors), or taef1."),
                io.Image.Input(
                    "person", tooltip="The person to dress, any size; a batch is dressed alike."
                ),
                io.Image.Input(
                    "garment", tooltip="The innermost garment, best flat on a plain background."
                ),
                io.Image.Input(
                    "garment_2", optional=True, tooltip="Worn over garment; open is skipped."
                ),
                io.Image.Input(
                    "garment_3", optional=True, tooltip="Worn over garment_2; open is skipped."
                ),
                io.Image.Input(
                    "garment_4", optional=True, tooltip="Worn over garment_3; open is skipped."
                ),
                io.Conditioning.Input(
                    "positive_2",
                    optional=True,
                    tooltip="The prompt of garment_2. Left open, it is positive.",
                ),
                io.Conditioning.Input(
                    "positive_3",
                    optional=True,
                    tooltip="The prompt of garment_3. Left open, it is positive.",
                ),
                io.Conditioning.Input(
                    "positive_4",
                    optional=True,
                    tooltip="The prompt of garment_4. Left open, it is positive.",
                ),
                io.Conditioning.Input(
                    "negative",
                    optional=True,
                    tooltip=(
                        "Only used when cfg is over 1. Left open, it is each pass's positive with "
                        "its text zeroed."
                    ),
                ),
                io.Int.Input(
                    "width",
                    default=576,
                    min=16,
                    max=4096,
                    step=16,
                    tooltip="Width in which a pass is made, in pixels; rounded down to 16.",
                ),
                io.Int.Input(
                    "height",
                    default=768,
                    min=16,
                    max=4096,
                    step=16,
                    tooltip="Height in which a pass is made, in pixels; rounded down to 16.",
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=True,
                    tooltip=(
                        "Every pass takes this same seed. Set it to fixed to change one garment "
                        "and keep the passes before it."
                    ),
                ),
                io.Int.Input(
                    "steps",
                    default=30,
                    min=1,
                    max=10000,
                    tooltip="Of each pass: 30 as published; 15 is a fair draft.",
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
            ],
            outputs=[
                io.Image.Output(
                    display_name="image",
                    is_output_list=True,
                    tooltip="The last pass, in the person photo's own size.",
                ),
                io.Image.Output(
                    display_name="passes",
                    is_output_list=True,
                    tooltip="A batch of every pass in order, the last one included.",
                ),
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
            is_input_list=True,
            enable_expand=True,
        )

    @classmethod
    def execute(cls, person, width, height, **inputs) -> io.NodeOutput:
        names = [name for name in GARMENTS if inputs.get(name) is not None]
        photos = {"person": person} | {name: inputs[name] for name in names}
        for entry in list_entries({"width": width, "height": height} | photos):
            target = target_size(entry["width"], entry["height"])
            check_layers(entry["person"], {name: entry[name] for name in names}, target)

        given = given_inputs(cls.hidden)
        garments = [(given[name], given.get(GARMENTS[name], given["positive"])) for name in names]
        subgraph, image, passes = layers(given, given["person"], garments)
        return io.NodeOutput(image, passes, expand=subgraph)
