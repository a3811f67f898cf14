"""LoadTryonLoRA: a try-on LoRA onto the MODEL, with a report of what matched."""

from comfy_api.latest import io

from ..any2any_core.digests import digest, file_facts
from ..any2any_core.lora import LoraFile, read_lora
from ._comfy.flux import checked_flux
from ._comfy.lora import Match, lora_names, lora_path, with_lora
from ._comfy.schema import schema
from ._types import CATEGORY

SHOWN_KEYS = 5


class LoadTryonLoRA(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="LoadTryonLoRA",
            display_name="Load Try-on LoRA",
            category=CATEGORY,
            description=(
                "Puts an Any2AnyTryon LoRA (or another FLUX.1 LoRA) on the model, tells the other "
                "nodes which position layout it was trained with, and reports what matched."
            ),
            inputs=[
                io.Model.Input(
                    "model", tooltip="FLUX.1-dev from any loader: UNET, checkpoint, fp8 or GGUF."
                ),
                io.Combo.Input(
                    "lora_name",
                    options=lora_names(),
                    tooltip=(
                        "A .safetensors file in models/loras, or the demo model's own LoRA. "
                        "dev_lora_any2any_alltasks does every task."
                    ),
                ),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=-20.0,
                    max=20.0,
                    step=0.05,
                    tooltip="1 is what it was trained for; 0 switches it off.",
                ),
            ],
            outputs=[
                io.Model.Output(
                    display_name="model",
                    tooltip="A clone of the model with the LoRA; the input is unchanged.",
                ),
                io.String.Output(
                    display_name="report",
                    tooltip="What matched, rank, alpha, size and task of the file, as text.",
                ),
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, lora_name: str | None, **inputs) -> str | None:
        """The file is an input too: trained anew under its name, it is read again."""
        known = lora_name in lora_names()
        return digest(file_facts([lora_path(lora_name)])) if known else None

    @classmethod
    def execute(cls, model, lora_name: str, strength: float) -> io.NodeOutput:
        checked_flux(model)
        lora = read_lora(lora_path(lora_name))
        model, match = with_lora(model, lora, strength)
        return io.NodeOutput(model, report(lora, match, strength))


def report(lora: LoraFile, match: Match, strength: float) -> str:
    """Return the report's text, one fact a line, as the list that Preview as Text renders."""
    missing = list(match.unmatched[:SHOWN_KEYS])
    if len(match.unmatched) > SHOWN_KEYS:
        missing.append("...")
    lines = [
        f"{lora.name} ({lora.megabytes:.1f} MB) at strength {strength:g}",
        f"task: {lora.task}",
        f"layout: {lora.layout or 'not declared'}",
        f"rank: {', '.join(map(str, lora.ranks)) or 'unknown'}",
        f"alpha: {', '.join(f'{a:g}' for a in lora.alphas) or 'none (scale 1)'}",
        f"matched: {match.matched} modules",
        f"unmatched: {len(match.unmatched)}{': ' + ', '.join(missing) if missing else ''}",
    ]
    return "\n".join(f"- {line}" for line in lines)
