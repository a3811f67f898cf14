"""Any2AnySaveResult: a picture under exactly the name that it is to have."""

from comfy_api.latest import io

from ..any2any_core.png import write_png
from ._comfy.output import output_path, png_metadata, shown
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnySaveResult(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnySaveResult",
            display_name="Any2Any Save Result (test set)",
            category=CATEGORY,
            description=(
                "Saves a picture under exactly this name, without a number behind it, so that "
                "results can be found by the person's name. Whole or not at all, and never over "
                "another file."
            ),
            inputs=[
                io.Image.Input("image", tooltip="One picture, or a list of them with their files."),
                io.String.Input(
                    "file",
                    default="any2any/result.png",
                    tooltip=(
                        "The picture's file in ComfyUI's output folder, ending with .png; from "
                        "Any2AnyLoadPairs."
                    ),
                ),
            ],
            outputs=[],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, image, file: str) -> io.NodeOutput:
        path = output_path(file)
        if path.suffix != ".png":
            raise ValueError(
                f"The file is called '{file}', but a name that ends with .png was expected: write "
                "it after the name."
            )
        if len(image) != 1:
            raise ValueError(
                f"There are {len(image)} pictures for the file {path.name}, but one was expected: "
                "set batch_size to 1."
            )
        if path.exists():
            raise ValueError(
                f"{path.name} is there already, but a new file was expected: take it away, or "
                "write another name."
            )
        write_png(image[0], path, png_metadata(cls.hidden))
        return io.NodeOutput(ui=shown(path))
