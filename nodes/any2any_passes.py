"""Any2AnyPasses: the passes of Any2AnyLayers so far, shown and kept together."""

import torch
from comfy_api.latest import io, ui

from ._comfy.schema import schema
from ._types import INTERNAL


class Any2AnyPasses(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyPasses",
            display_name="Any2Any Passes (made by Layers)",
            category=INTERNAL,
            description=(
                "Made by Any2Any Layers, one for each of its passes: shows all passes so far on "
                "that node. There is no need to add it to a workflow."
            ),
            inputs=[
                io.Image.Input("image", tooltip="This pass's picture."),
                io.Image.Input("passes", optional=True, tooltip="The passes before it."),
            ],
            outputs=[
                io.Image.Output(
                    display_name="passes", tooltip="All passes so far as a batch, in order."
                )
            ],
            is_output_node=True,
            is_dev_only=True,
        )

    @classmethod
    def execute(cls, image, passes=None) -> io.NodeOutput:
        passes = image if passes is None else torch.cat((passes, image))
        return io.NodeOutput(passes, ui=ui.PreviewImage(passes, cls=cls))
