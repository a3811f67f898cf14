"""Any2AnyOnWhite: a cut-out laid on white."""

from comfy_api.latest import io

from ..any2any_core.cutout import on_white
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnyOnWhite(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyOnWhite",
            display_name="Any2Any On White (cut-out)",
            category=CATEGORY,
            description=(
                "Lays a cut-out garment (a transparent PNG) on white, as the model saw garments "
                "in training, and crops it to what is seen. A picture without transparency stays "
                "as it is."
            ),
            inputs=[
                io.Image.Input("image", tooltip="The garment, from LoadImage."),
                io.Mask.Input(
                    "mask",
                    tooltip=(
                        "What to hide (1), from the same LoadImage: its transparency. A mask of "
                        "another size is stretched to the picture's."
                    ),
                ),
                io.Boolean.Input(
                    "crop",
                    default=True,
                    tooltip="Keep only the box around what is seen. A batch has one box for all.",
                ),
                io.Float.Input(
                    "margin",
                    default=0.05,
                    min=0.0,
                    max=0.5,
                    step=0.01,
                    tooltip="White around the box when cropped, as a share of its longer side.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    display_name="image", tooltip="For ConditionImageEncode's garment inputs."
                )
            ],
        )

    @classmethod
    def execute(cls, image, mask, crop: bool = True, margin: float = 0.05) -> io.NodeOutput:
        return io.NodeOutput(on_white(image, mask, crop, margin))
