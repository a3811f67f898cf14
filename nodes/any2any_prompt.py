"""Any2AnyPrompt: the prompt in the form the LoRAs were trained with."""

from comfy_api.latest import io

from ..any2any_core.prompts import TASKS, task_prompt
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnyPrompt(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyPrompt",
            display_name="Any2Any Prompt (try-on)",
            category=CATEGORY,
            description=(
                "Writes the prompt with the tags that the LoRAs know. Texts left empty take the "
                "published example's words."
            ),
            inputs=[
                io.Combo.Input(
                    "task", options=list(TASKS), default="try-on", tooltip="What is to be made."
                ),
                io.String.Input(
                    "person",
                    default="",
                    multiline=True,
                    tooltip="What the person's photo shows. Unused in model-free.",
                ),
                io.String.Input(
                    "garment",
                    default="",
                    multiline=True,
                    tooltip="What the garment is. Unused in garment reconstruction.",
                ),
                io.String.Input(
                    "target",
                    default="",
                    multiline=True,
                    tooltip=(
                        "What is to be made: in garment reconstruction, which garment; in "
                        "model-free, who wears it and where."
                    ),
                ),
            ],
            outputs=[io.String.Output(display_name="prompt", tooltip="For CLIPTextEncode's text.")],
        )

    @classmethod
    def execute(
        cls, task: str, person: str = "", garment: str = "", target: str = ""
    ) -> io.NodeOutput:
        return io.NodeOutput(task_prompt(task, person, garment, target))
