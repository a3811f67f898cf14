"""Any2AnyCollect: a subgraph's pictures as one value for the node that made it."""

from comfy_api.latest import io

from ..any2any_core.png import read_png
from ._comfy.output import output_path
from ._comfy.schema import Looks, schema
from ._types import INTERNAL


class Any2AnyCollect(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyCollect",
            display_name="Any2Any Collect (made by Layers and Lookbook)",
            category=INTERNAL,
            description=(
                "Made by Any2Any Layers and Any2Any Lookbook: hands their pictures back to them "
                "as one list. There is no need to add it to a workflow."
            ),
            inputs=[
                io.Image.Input(
                    "images", optional=True, tooltip="Pictures of Layers, one or a list."
                ),
                Looks.Input("looks", optional=True, tooltip="Files of a lookbook."),
                io.Image.Input("before", optional=True, tooltip="What was collected before."),
            ],
            outputs=[
                io.Image.Output(display_name="images", tooltip="All of them as a single value.")
            ],
            is_input_list=True,
            is_dev_only=True,
        )

    @classmethod
    def execute(cls, images=(), looks=((),), before=((),)) -> io.NodeOutput:
        read = [read_png(output_path(name)) for name in looks[0]]
        return io.NodeOutput([*before[0], *images, *read])
