"""LoadAny2AnyDemo: the small model that ships with the pack."""

from comfy_api.latest import io

from ._comfy.demo import demo_clip, demo_model, demo_vae
from ._comfy.schema import schema
from ._types import CATEGORY


class LoadAny2AnyDemo(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="LoadAny2AnyDemo",
            display_name="Load Any2Any Demo (try-on)",
            category=CATEGORY,
            description=(
                "Loads the paper-doll model that ships with the pack: FLUX.1's architecture, "
                "small enough for any computer. It dresses the dolls in demo/examples, in "
                "144x192; add its LoRA with LoadTryonLoRA."
            ),
            inputs=[],
            outputs=[
                io.Model.Output(display_name="model", tooltip="The small FLUX.1 transformer."),
                io.Clip.Output(
                    display_name="clip", tooltip="Its text encoder, for CLIPTextEncode."
                ),
                io.Vae.Output(display_name="vae", tooltip="Its autoencoder."),
            ],
        )

    @classmethod
    def execute(cls) -> io.NodeOutput:
        return io.NodeOutput(demo_model(), demo_clip(), demo_vae())
