"""Any2AnyCanvas: a target size from a picture."""

from comfy_api.latest import io

from ..any2any_core.geometry import canvas_size
from ..any2any_core.images import checked_image, image_size
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnyCanvas(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyCanvas",
            display_name="Any2Any Canvas (try-on size)",
            category=CATEGORY,
            description=(
                "Takes width and height of the picture to make from a photo: its aspect, within "
                "limits that the model and the card bear, in multiples of 16."
            ),
            inputs=[
                io.Image.Input("image", tooltip="Usually the person's photo."),
                io.Int.Input(
                    "max_side",
                    default=1024,
                    min=16,
                    max=4096,
                    step=16,
                    tooltip="No side is longer, in pixels. Lower it if memory runs out.",
                ),
                io.Int.Input(
                    "min_side",
                    default=384,
                    min=16,
                    max=4096,
                    step=16,
                    tooltip="A photo with both sides under this, in pixels, is enlarged.",
                ),
            ],
            outputs=[
                io.Int.Output(display_name="width", tooltip="For ConditionImageEncode."),
                io.Int.Output(display_name="height", tooltip="For ConditionImageEncode."),
            ],
        )

    @classmethod
    def execute(cls, image, max_side: int = 1024, min_side: int = 384) -> io.NodeOutput:
        size = canvas_size(image_size(checked_image(image, "canvas")), max_side, min_side)
        return io.NodeOutput(size.width, size.height)
