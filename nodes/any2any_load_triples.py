"""Any2AnyLoadTriples: a set of training examples as lists."""

from comfy_api.latest import io

from ..any2any_core.images import to_tensor
from ..any2any_core.prompts import TASKS
from ..any2any_core.triple_folder import files_stamp, folder_triples
from ..any2any_core.triples import chosen
from ._comfy.output import folder_in, place_input
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnyLoadTriples(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyLoadTriples",
            display_name="Any2Any Load Triples (training data)",
            category=CATEGORY,
            description=(
                "Reads a set of training examples back as lists, to look at it, caption it or try "
                "a LoRA on it. The whole set is checked first: all that is wrong is named with "
                "its file."
            ),
            inputs=[
                io.String.Input(
                    "folder",
                    default="any2any/triples",
                    tooltip="The folder with person, garment and target in it, as saved.",
                ),
                place_input(),
                io.Combo.Input(
                    "task",
                    options=list(TASKS),
                    default="try-on",
                    tooltip=(
                        "As examples of what. The triples that cannot be are left out: a person "
                        "in the garment and the garment alone serve garment reconstruction and "
                        "model-free as well, but try-on and vitonhd need the person in other "
                        "clothes too."
                    ),
                ),
                io.Int.Input(
                    "skip",
                    default=0,
                    min=0,
                    max=1_000_000,
                    tooltip="Leave out so many from the beginning, in the order of their names.",
                ),
                io.Int.Input(
                    "most",
                    default=0,
                    min=0,
                    max=1_000_000,
                    tooltip="Give out so many at most, since all are in memory at once. 0: all.",
                ),
            ],
            is_input_list=True,
            outputs=[
                io.Image.Output(
                    display_name="person",
                    is_output_list=True,
                    tooltip="A list of the people to dress; of nothing where the task has none.",
                ),
                io.Image.Output(
                    display_name="garment",
                    is_output_list=True,
                    tooltip="A list of the garments; of nothing where the task has none.",
                ),
                io.Image.Output(
                    display_name="target",
                    is_output_list=True,
                    tooltip="A list of the pictures to be made.",
                ),
                io.String.Output(
                    display_name="caption",
                    is_output_list=True,
                    tooltip="A list of the targets' captions.",
                ),
                io.String.Output(
                    display_name="name", is_output_list=True, tooltip="A list of their names."
                ),
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, folder: list, place: list, **inputs) -> str | None:
        """The files are inputs too: what was added or changed is read."""
        linked = None in (*folder, *place)
        return None if linked else files_stamp(folder_in(place[0], only_value(folder, "folder")))

    @classmethod
    def execute(cls, **inputs: list) -> io.NodeOutput:
        one = {name: only_value(values, name) for name, values in inputs.items()}
        folder = folder_in(one["place"], one["folder"])
        triples = chosen(folder_triples(folder), one["task"], one["skip"], one["most"])

        def images(pictures) -> list:
            return [picture and to_tensor(picture.opened())[None] for picture in pictures]

        return io.NodeOutput(
            images(triple.person for triple in triples),
            images(triple.garment for triple in triples),
            images(triple.target for triple in triples),
            [triple.caption for triple in triples],
            [triple.name for triple in triples],
        )


def only_value(values: list, what: str):
    """Return the value that all entries are: a list of triples saved gives its folder as often.

    Raises:
        ValueError: they differ.
    """
    if len(set(values)) > 1:
        raise ValueError(
            f"{what} is a list of {', '.join(map(str, dict.fromkeys(values)))}, but one for the "
            "whole set was expected: use one Any2AnyLoadTriples for each."
        )
    return values[0]
