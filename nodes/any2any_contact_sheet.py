"""Any2AnyContactSheet: all results on one picture."""

from comfy_api.latest import io

from ..any2any_core.contact_sheet import contact_sheet
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnyContactSheet(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyContactSheet",
            display_name="Any2Any Contact Sheet (try-on)",
            category=CATEGORY,
            description=(
                "Lays pictures out on one sheet, people as rows and garments as columns. Whole "
                "pictures of any sizes, on white; gray cells where a cancelled run made none."
            ),
            is_input_list=True,
            inputs=[
                io.Image.Input(
                    "images",
                    tooltip=(
                        "The results, person by person, each in every garment: Any2AnyLookbook's "
                        "list, or any list or batch."
                    ),
                ),
                io.Image.Input(
                    "people",
                    optional=True,
                    tooltip="The people's photos, in the same order: shown before the rows.",
                ),
                io.Image.Input(
                    "garments",
                    optional=True,
                    tooltip="The garments, in the same order: shown over the columns.",
                ),
                io.Int.Input(
                    "columns",
                    default=0,
                    min=0,
                    max=256,
                    tooltip=(
                        "0: as many as garments; without garments as make a row for each person, "
                        "or nearly a square."
                    ),
                ),
                io.Int.Input(
                    "cell",
                    default=320,
                    min=16,
                    max=4096,
                    tooltip="The longer side of a cell, in pixels.",
                ),
                io.Int.Input(
                    "gap",
                    default=8,
                    min=0,
                    max=512,
                    tooltip="White pixels between the cells and around the sheet.",
                ),
            ],
            outputs=[io.Image.Output(display_name="image", tooltip="One picture, ready to save.")],
        )

    @classmethod
    def execute(
        cls,
        images: list,
        columns: list[int],
        cell: list[int],
        gap: list[int],
        people: list | None = None,
        garments: list | None = None,
    ) -> io.NodeOutput:
        return io.NodeOutput(contact_sheet(images, people, garments, columns[0], cell[0], gap[0]))
