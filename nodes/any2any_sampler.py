"""Any2AnySampler: ComfyUI's samplers with the reference's exact sigmas."""

from comfy_api.latest import io

from ._comfy.sampling import SAMPLERS, ComfyNoise, ReferenceNoise, canvas_sigmas, sampled
from ._comfy.schema import schema
from ._types import CATEGORY

COMFY, REFERENCE = "comfy", "reference"


class Any2AnySampler(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnySampler",
            display_name="Any2Any Sampler (try-on)",
            category=CATEGORY,
            description=(
                "Makes the picture with the published schedule, whatever shift the model "
                "carries. Progress, live preview and cancel are ComfyUI's own."
            ),
            inputs=[
                io.Model.Input("model", tooltip="From AdaptivePositionPack."),
                io.Conditioning.Input("positive", tooltip="From AdaptivePositionPack."),
                io.Conditioning.Input("negative", tooltip="From AdaptivePositionPack."),
                io.Latent.Input(
                    "latent",
                    tooltip=(
                        "From AdaptivePositionPack, or an upscaled result for a second pass "
                        "with denoise under 1."
                    ),
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=True,
                    tooltip="Another seed gives another picture; the same seed the same one.",
                ),
                io.Int.Input(
                    "steps",
                    default=30,
                    min=1,
                    max=10000,
                    tooltip="30 as published; 15 is a fair draft.",
                ),
                io.Float.Input(
                    "cfg",
                    default=1.0,
                    min=0.0,
                    max=100.0,
                    step=0.1,
                    tooltip=(
                        "1 as published (FluxGuidance steers instead). Over 1 uses the negative "
                        "and takes twice as long."
                    ),
                ),
                io.Combo.Input(
                    "sampler_name",
                    options=SAMPLERS,
                    default="euler",
                    tooltip="euler as published.",
                ),
                io.Float.Input(
                    "denoise",
                    default=1.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="1 for a new picture; about 0.4 for a second pass over an upscale.",
                ),
                io.Combo.Input(
                    "noise",
                    options=[COMFY, REFERENCE],
                    default=COMFY,
                    tooltip=(
                        "comfy: ComfyUI's own noise. reference: the draw of the published "
                        "scripts, to get their very pictures from their seeds."
                    ),
                ),
            ],
            outputs=[
                io.Latent.Output(
                    display_name="latent",
                    tooltip="The picture, for VAEDecode and then Any2AnyRestore.",
                )
            ],
        )

    @classmethod
    def execute(
        cls,
        model,
        positive,
        negative,
        latent: dict,
        seed: int,
        steps: int = 30,
        cfg: float = 1.0,
        sampler_name: str = "euler",
        denoise: float = 1.0,
        noise: str = COMFY,
    ) -> io.NodeOutput:
        sigmas = canvas_sigmas(positive, latent, steps, denoise)
        draw = ReferenceNoise(positive, seed) if noise == REFERENCE else ComfyNoise(seed)
        return io.NodeOutput(
            sampled(model, positive, negative, latent, draw, sigmas, cfg, sampler_name)
        )
