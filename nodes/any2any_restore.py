"""Any2AnyRestore: the result back to the person's own photo."""

from comfy_api.latest import io

from ..any2any_core.panels import Conditions as ConditionsValue
from ..any2any_core.restore import ORIGINAL, SIZES, pasted_if_asked, restored_picture
from ._comfy.schema import Conditions, schema
from ._types import CATEGORY


class Any2AnyRestore(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyRestore",
            display_name="Any2Any Restore (try-on)",
            category=CATEGORY,
            description=(
                "Takes the padding off the result and brings it to the person photo's own size, "
                "also after an upscaler. With original and mask it pastes only what is inside; "
                "mask_from_change finds out by itself what that is."
            ),
            inputs=[
                io.Image.Input("image", tooltip="The decoded result, upscaled or not."),
                Conditions.Input("conditions", tooltip="From ConditionImageEncode."),
                io.Image.Input(
                    "original",
                    optional=True,
                    tooltip=(
                        "The person's photo, to paste the result onto. Needs mask, or "
                        "mask_from_change."
                    ),
                ),
                io.Mask.Input(
                    "mask",
                    optional=True,
                    tooltip=(
                        "Where the result may show (1); everywhere else the original stays, "
                        "pixel for pixel. Needs original."
                    ),
                ),
                io.Combo.Input(
                    "size",
                    options=list(SIZES),
                    default=ORIGINAL,
                    tooltip=(
                        "original: the person photo's own size. generated: as made, only "
                        "without padding."
                    ),
                ),
                io.Int.Input(
                    "feather",
                    default=8,
                    min=0,
                    max=512,
                    tooltip=(
                        "Pixels over which the mask fades, inwards from its edge. A mask from "
                        "change is made larger by as much first."
                    ),
                ),
                io.Boolean.Input(
                    "mask_from_change",
                    default=False,
                    optional=True,
                    tooltip=(
                        "With original and no mask: paste only where the result shows something "
                        "else than the original. A connected mask goes first."
                    ),
                ),
                io.Float.Input(
                    "sensitivity",
                    default=0.5,
                    min=0.0,
                    max=1.0,
                    step=0.05,
                    optional=True,
                    tooltip=(
                        "How little counts as a change, for mask_from_change. Raise it if clothes "
                        "are missed, lower it if the background comes along."
                    ),
                ),
            ],
            outputs=[
                io.Image.Output(display_name="image", tooltip="Ready to save or to upscale."),
                io.Mask.Output(
                    display_name="mask",
                    tooltip="Where the result shows; 1 everywhere if nothing was pasted.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        image,
        conditions: ConditionsValue,
        original=None,
        mask=None,
        size: str = ORIGINAL,
        feather: int = 8,
        mask_from_change: bool = False,
        sensitivity: float = 0.5,
    ) -> io.NodeOutput:
        picture = restored_picture(image, conditions, size)
        return io.NodeOutput(
            *pasted_if_asked(picture, original, mask, size, feather, mask_from_change, sensitivity)
        )
