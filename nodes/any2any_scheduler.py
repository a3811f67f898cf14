"""Any2AnyScheduler: the reference's sigmas for SamplerCustomAdvanced."""

from comfy_api.latest import io

from ._comfy.sampling import canvas_sigmas
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnyScheduler(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyScheduler",
            display_name="Any2Any Scheduler (try-on)",
            category=CATEGORY,
            description=(
                "The published schedule as SIGMAS, for SamplerCustomAdvanced: shifted by the "
                "length of the whole canvas, conditions included."
            ),
            inputs=[
                io.Conditioning.Input("positive", tooltip="From AdaptivePositionPack."),
                io.Latent.Input("latent", tooltip="The latent that will be sampled."),
                io.Int.Input("steps", default=30, min=1, max=10000, tooltip="30 as published."),
                io.Float.Input(
                    "denoise",
                    default=1.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="1 for a new picture; about 0.4 for a second pass over an upscale.",
                ),
            ],
            outputs=[
                io.Sigmas.Output(display_name="sigmas", tooltip="steps + 1 values, the last one 0.")
            ],
        )

    @classmethod
    def execute(
        cls, positive, latent: dict, steps: int = 30, denoise: float = 1.0
    ) -> io.NodeOutput:
        return io.NodeOutput(canvas_sigmas(positive, latent, steps, denoise))
