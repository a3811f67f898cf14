"""Any2AnySaveTriple: one example for training, into a folder of them."""

from comfy_api.latest import io

from ..any2any_core.prompts import TASKS
from ..any2any_core.triple_folder import Line, files_stamp
from ..any2any_core.triple_saving import checked_name, kept_triple, pixels_name, save_triple
from ._comfy.output import OUTPUT, folder_in, shown
from ._comfy.schema import schema
from ._types import CATEGORY

LAZY = ("person", "caption", "person_caption", "garment_caption")
"""What takes long to make: nobody makes it for a triple that is there."""


class Any2AnySaveTriple(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnySaveTriple",
            display_name="Any2Any Save Triple (training data)",
            category=CATEGORY,
            description=(
                "Adds one example to a set for training: the person in other clothes, the garment "
                "and the person in it, with a caption. A triple that is there already is kept, "
                "and what would have made it does not run; nothing is ever overwritten."
            ),
            inputs=[
                io.Image.Input(
                    "target",
                    tooltip="The picture that the model is to learn to make: the real photo.",
                ),
                io.Image.Input(
                    "garment",
                    optional=True,
                    tooltip="The garment in it, alone. Left open for garment reconstruction.",
                ),
                io.Image.Input(
                    "person",
                    optional=True,
                    lazy=True,
                    tooltip=(
                        "The same person in other clothes, in the target's own size: what "
                        "inpainting made of it. Left open for model-free."
                    ),
                ),
                io.String.Input(
                    "caption",
                    default="",
                    multiline=True,
                    lazy=True,
                    tooltip=(
                        "What the target shows, such as: a woman in a red top. From a captioning "
                        "node, or written here; empty takes the task's usual words."
                    ),
                ),
                io.String.Input(
                    "folder",
                    default="any2any/triples",
                    tooltip="The set's folder, inside ComfyUI's output folder.",
                ),
                io.String.Input(
                    "name",
                    default="",
                    tooltip=(
                        "The triple's file name, without an ending. Empty makes one of the pixels "
                        "of target and garment: the same photos are the same triple."
                    ),
                ),
                io.Combo.Input(
                    "task",
                    options=list(TASKS),
                    default="try-on",
                    tooltip=(
                        "What it is an example of. try-on and vitonhd need all three pictures, "
                        "garment reconstruction no garment, model-free no person."
                    ),
                ),
                io.String.Input(
                    "person_caption",
                    default="",
                    optional=True,
                    lazy=True,
                    tooltip="What the person's picture shows. Empty takes the usual words.",
                ),
                io.String.Input(
                    "garment_caption",
                    default="",
                    optional=True,
                    lazy=True,
                    tooltip="What the garment's picture shows. Empty takes the usual words.",
                ),
            ],
            outputs=[
                io.String.Output(
                    display_name="folder",
                    tooltip="The set's folder, for Any2AnyLoadTriples, which then reads it after.",
                ),
                io.String.Output(display_name="name", tooltip="The triple's name."),
            ],
            is_output_node=True,
        )

    @classmethod
    def fingerprint_inputs(cls, folder: str, **inputs) -> str | None:
        """The folder is an input too: a triple that is gone is made again."""
        return None if folder is None else files_stamp(folder_in(OUTPUT, folder))

    @classmethod
    def check_lazy_status(cls, target, folder: str, name: str, garment=None, **inputs) -> list[str]:
        if kept_triple(folder_in(OUTPUT, folder), name or pixels_name(target, garment)):
            return []
        return [key for key in LAZY if key in inputs and inputs[key] is None]

    @classmethod
    def execute(
        cls,
        target,
        folder: str,
        name: str,
        task: str,
        garment=None,
        person=None,
        caption: str | None = "",
        person_caption: str | None = "",
        garment_caption: str | None = "",
    ) -> io.NodeOutput:
        name = checked_name(name or pixels_name(target, garment))
        path = folder_in(OUTPUT, folder)
        triple = kept_triple(path, name)
        if triple is None:
            given = {"person": person, "garment": garment, "target": target}
            pictures = {panel: image for panel, image in given.items() if image is not None}
            line = Line(name, caption, person_caption, garment_caption, task)
            triple = save_triple(path, line, pictures)
        return io.NodeOutput(folder, name, ui=shown(*(one.source for one in triple.pictures)))
