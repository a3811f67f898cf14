"""AdaptivePositionPack: conditions and layout into the CONDITIONING, ids onto the MODEL."""

import torch
from comfy_api.latest import io

from ..any2any_core.cost import memory_words, preview_words
from ..any2any_core.layout import ANY2ANY, CANVAS, ISOLATED, VITONHD, Layout
from ..any2any_core.panels import Conditions as ConditionsValue
from ..any2any_core.preview import Strip, TokenBox, order_note, pack_preview
from ..any2any_core.reuse import EVERY_STEP
from ..any2any_core.schedule import PUBLISHED_STEPS, canvas_mu, reference_sigmas
from ._comfy.conditioning import packed, text_tokens, zeroed
from ._comfy.flux import checked_flux, extra_memory
from ._comfy.isolated import with_isolated_conditions
from ._comfy.lora import marked_layout
from ._comfy.positions import with_adaptive_positions
from ._comfy.reuse import reuse_plan
from ._comfy.reuse_memory import kept_bytes
from ._comfy.run_cost import known_rate, step_cost, with_cost_told
from ._comfy.sampling import canvas_tokens, shifted_from_canvas
from ._comfy.schema import Conditions, schema
from ._types import CATEGORY

AUTO = "auto"


class AdaptivePositionPack(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="AdaptivePositionPack",
            display_name="Adaptive Position Pack (try-on)",
            category=CATEGORY,
            description=(
                "Packs the conditions beside the picture to make and gives every token its "
                "adaptive position. Works with any sampler behind it: Any2AnySampler, KSampler "
                "(euler, simple) or SamplerCustomAdvanced."
            ),
            inputs=[
                io.Model.Input("model", tooltip="FLUX.1-dev with a try-on LoRA on it."),
                io.Conditioning.Input(
                    "positive", tooltip="The prompt, best after FluxGuidance at 3.5."
                ),
                Conditions.Input("conditions", tooltip="From ConditionImageEncode."),
                io.Conditioning.Input(
                    "negative",
                    optional=True,
                    tooltip=(
                        "Only used when cfg is over 1. Left open, it is the positive with its "
                        "text zeroed and the same conditions."
                    ),
                ),
                io.Combo.Input(
                    "layout",
                    options=[AUTO, ANY2ANY, VITONHD, CANVAS, ISOLATED],
                    default=AUTO,
                    tooltip=(
                        "auto: what the loaded LoRA was trained with. any2any: adaptive "
                        "positions. vitonhd: those of dev_lora_tryon_vitonhd_512. canvas: one "
                        "wide picture, the paper's ablation without adaptive positions. isolated: "
                        "conditions that see only each other, computed once a run; for LoRAs "
                        "trained so."
                    ),
                ),
                io.Int.Input(
                    "batch_size",
                    default=1,
                    min=1,
                    max=64,
                    tooltip="Pictures to make for each person and garment pair.",
                ),
                io.Boolean.Input(
                    "clean_conditions",
                    default=True,
                    tooltip=(
                        "On: conditions stay clean at every step, as trained. Off: they are "
                        "noised with the picture, the paper's ablation."
                    ),
                ),
            ],
            outputs=[
                io.Model.Output(
                    display_name="model", tooltip="A clone of the model that knows the positions."
                ),
                io.Conditioning.Output(
                    display_name="positive", tooltip="The prompt with the conditions."
                ),
                io.Conditioning.Output(
                    display_name="negative",
                    tooltip="The negative prompt with the same conditions.",
                ),
                io.Latent.Output(display_name="latent", tooltip="Empty, in the target's size."),
                io.Image.Output(
                    display_name="preview",
                    tooltip=(
                        "The canvas to scale: each panel's picture, ids and tokens, and what it "
                        "costs: arithmetic, extra VRAM and, once the model has made a picture, "
                        "seconds."
                    ),
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        model,
        positive,
        conditions: ConditionsValue,
        negative=None,
        layout: str = AUTO,
        batch_size: int = 1,
        clean_conditions: bool = True,
    ) -> io.NodeOutput:
        flux = checked_flux(model)
        name = marked_layout(model) if layout == AUTO else layout
        chosen = Layout(name, conditions.roles, clean_conditions, conditions.frames)
        latents = list(conditions.latents)
        negative = zeroed(positive) if negative is None else negative
        target = conditions.target
        samples = torch.zeros(
            conditions.batch * batch_size, 16, target.height // 8, target.width // 8
        )
        seq_len = canvas_tokens(samples, chosen, latents)
        cost = step_cost(flux, samples.shape, text_tokens(positive), latents, chosen.isolated)
        plan = reuse_plan(model) if clean_conditions else EVERY_STEP
        depth = 1 if chosen.isolated else plan.depth
        sigmas = reference_sigmas(PUBLISHED_STEPS, canvas_mu(seq_len)).tolist()
        notes = [
            *order_note(chosen),
            *preview_words(cost, sigmas, plan, known_rate(model)),
            *memory_words(
                extra_memory(model, tuple(samples.shape), latents),
                kept_bytes(model, cost, depth) if plan.reuses or chosen.isolated else 0,
            ),
        ]
        patched = with_cost_told(with_adaptive_positions(with_isolated_conditions(model)))
        return io.NodeOutput(
            shifted_from_canvas(patched, seq_len),
            packed(positive, latents, chosen, "positive"),
            packed(negative, latents, chosen, "negative"),
            {"samples": samples},
            pack_preview(chosen, strips(conditions), cost.text, notes),
        )


def strips(conditions: ConditionsValue) -> list[Strip]:
    """Return the target's and the panels' strips for the preview; the first of a batch."""
    panels = [
        Strip(panel.role, panel.picture[0], panel.size, token_box(panel.frame, latent))
        for panel, latent in zip(conditions.panels, conditions.latents)
    ]
    return [Strip("target", None, conditions.target), *panels]


def token_box(frame, latent: torch.Tensor) -> TokenBox | None:
    """Return what was kept of a panel whose empty surround was dropped."""
    if frame is None:
        return None
    return TokenBox(frame.x, frame.y, latent.shape[-1] // 2, latent.shape[-2] // 2)
