"""ConditionImageEncode: photos in, prepared and encoded panels out."""

from functools import partial

from comfy_api.latest import io

from ..any2any_core.geometry import target_size
from ..any2any_core.panels import (
    SEPARATELY,
    TOGETHER,
    each_encoded,
    joined_picture,
    prepare_panels,
    split_latent,
)
from ..any2any_core.panels import Conditions as ConditionsValue
from ..any2any_core.preview import panels_preview
from ..any2any_core.surround import without_surround
from ._comfy.schema import Conditions, schema
from ._comfy.vae import checked_vae, encoded
from ._types import CATEGORY


class ConditionImageEncode(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="ConditionImageEncode",
            display_name="Condition Image Encode (try-on)",
            category=CATEGORY,
            description=(
                "Prepares the person and the garments as Any2AnyTryon expects them and encodes "
                "them. What is connected decides the task: both for try-on, a person alone for "
                "garment reconstruction, garments alone for model-free try-on."
            ),
            inputs=[
                io.Vae.Input("vae", tooltip="FLUX.1's VAE (ae.safetensors), or taef1."),
                io.Int.Input(
                    "width",
                    default=576,
                    min=16,
                    max=4096,
                    step=16,
                    tooltip="Width of the picture to make, in pixels; rounded down to 16.",
                ),
                io.Int.Input(
                    "height",
                    default=768,
                    min=16,
                    max=4096,
                    step=16,
                    tooltip="Height of the picture to make, in pixels; rounded down to 16.",
                ),
                io.Image.Input(
                    "person",
                    optional=True,
                    tooltip=(
                        "The person to dress, any size; no mask and no pose are needed. Alone: "
                        "the person whose garment is to be laid flat."
                    ),
                ),
                io.Image.Input(
                    "garment",
                    optional=True,
                    tooltip="The garment, best flat on a plain background; any size.",
                ),
                io.Image.Input(
                    "garment_2",
                    optional=True,
                    tooltip="A second garment, placed beside the first. Experimental in the LoRA.",
                ),
                io.Image.Input(
                    "garment_3",
                    optional=True,
                    tooltip="A third garment, placed beside the second. Experimental in the LoRA.",
                ),
                io.Combo.Input(
                    "encode",
                    options=[TOGETHER, SEPARATELY],
                    default=TOGETHER,
                    tooltip=(
                        "together: all conditions as one picture, as the published scripts do. "
                        "separately: each alone, so that nothing mixes at the seams."
                    ),
                ),
                io.Boolean.Input(
                    "trim_garments",
                    default=False,
                    optional=True,
                    tooltip=(
                        "On: the empty surround of a garment on a plain background is dropped "
                        "after encoding, which makes every step cheaper; all else keeps its "
                        "place. Slightly changes the picture."
                    ),
                ),
            ],
            outputs=[
                Conditions.Output(
                    display_name="conditions",
                    tooltip="For AdaptivePositionPack and Any2AnyRestore.",
                ),
                io.Image.Output(
                    display_name="preview",
                    tooltip="The panels as the model will see them, with the target's size.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        vae,
        width: int,
        height: int,
        person=None,
        garment=None,
        garment_2=None,
        garment_3=None,
        encode: str = TOGETHER,
        trim_garments: bool = False,
    ) -> io.NodeOutput:
        target = target_size(width, height)
        checked_vae(vae)
        garments = [image for image in (garment, garment_2, garment_3) if image is not None]
        panels = prepare_panels(target, person, garments)
        if encode == TOGETHER:
            latents = split_latent(encoded(vae, joined_picture(panels)), panels)
        else:
            latents = each_encoded(panels, partial(encoded, vae))
        conditions = ConditionsValue(target, panels, latents)
        if trim_garments:
            conditions = without_surround(conditions)
        return io.NodeOutput(conditions, panels_preview(conditions, (width, height)))
