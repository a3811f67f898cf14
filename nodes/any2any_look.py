"""Any2AnyLook: one picture of a lookbook, kept in the output folder."""

from comfy_api.latest import io

from ..any2any_core.png import write_png
from ._comfy.output import output_path, png_metadata, shown
from ._comfy.schema import Looks, schema
from ._types import INTERNAL


class Any2AnyLook(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyLook",
            display_name="Any2Any Look (made by Lookbook)",
            category=INTERNAL,
            description=(
                "Made by Any2Any Lookbook, one for each of its pictures: keeps it in the output "
                "folder and shows it on that node. There is no need to add it to a workflow."
            ),
            inputs=[
                io.String.Input(
                    "file",
                    default="lookbook/look.png",
                    tooltip="The picture's file in ComfyUI's output folder.",
                ),
                io.Image.Input(
                    "image", optional=True, tooltip="The picture. Left open, the file is there."
                ),
                Looks.Input("looks", optional=True, tooltip="The lookbook's files before it."),
            ],
            outputs=[
                Looks.Output(display_name="looks", tooltip="The lookbook's files with this one.")
            ],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
            is_dev_only=True,
        )

    @classmethod
    def execute(cls, file: str, image=None, looks: tuple[str, ...] = ()) -> io.NodeOutput:
        path = output_path(file)
        if image is not None:
            write_png(image[0], path, png_metadata(cls.hidden))
        return io.NodeOutput((*looks, file), ui=shown(path))
