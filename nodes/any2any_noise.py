"""Any2AnyNoise: the published scripts' noise for SamplerCustomAdvanced."""

from comfy_api.latest import io

from ._comfy.sampling import ReferenceNoise
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnyNoise(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyNoise",
            display_name="Any2Any Noise (try-on)",
            category=CATEGORY,
            description=(
                "The noise that the published scripts draw for a seed, as NOISE for "
                "SamplerCustomAdvanced: bfloat16, cut out of the whole canvas's draw."
            ),
            inputs=[
                io.Conditioning.Input("positive", tooltip="From AdaptivePositionPack."),
                io.Latent.Input("latent", tooltip="From AdaptivePositionPack."),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=True,
                    tooltip="The published scripts' seed; picture i of a batch takes seed + i.",
                ),
            ],
            outputs=[io.Noise.Output(display_name="noise", tooltip="For SamplerCustomAdvanced.")],
        )

    @classmethod
    def execute(cls, positive, latent: dict, seed: int) -> io.NodeOutput:
        noise = ReferenceNoise(positive, seed)
        noise.generate_noise(latent)
        return io.NodeOutput(noise)
