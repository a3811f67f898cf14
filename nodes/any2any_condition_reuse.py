"""Any2AnyConditionReuse: the conditions are paid for once, not at every step."""

from dataclasses import replace

from comfy_api.latest import io

from ..any2any_core.reuse import PLANS, ReusePlan
from ._comfy.flux import checked_flux
from ._comfy.reuse import with_condition_reuse
from ._comfy.schema import schema
from ._types import CATEGORY

CUSTOM = "custom"


class Any2AnyConditionReuse(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyConditionReuse",
            display_name="Any2Any Condition Reuse (faster try-on)",
            category=CATEGORY,
            description=(
                "Makes a try-on faster: most steps compute the picture alone and reuse what the "
                "person's and garments' tokens gave at an earlier step. Works with every sampler; "
                "place it before or after AdaptivePositionPack."
            ),
            inputs=[
                io.Model.Input(
                    "model", tooltip="FLUX.1-dev, before or after AdaptivePositionPack."
                ),
                io.Combo.Input(
                    "mode",
                    options=[*PLANS, CUSTOM],
                    default="balanced",
                    tooltip=(
                        "exact: the same picture, about 1 % faster. balanced: every 4th step in "
                        "full, a loss nobody sees. fast: every 12th. custom: the numbers below. "
                        "With the layout isolated nothing is left to reuse, and all are exact."
                    ),
                ),
                io.Int.Input(
                    "warm_up",
                    default=1,
                    min=1,
                    max=10000,
                    optional=True,
                    tooltip="custom: this many steps at the start are full ones.",
                ),
                io.Int.Input(
                    "refresh_every",
                    default=4,
                    min=0,
                    max=10000,
                    optional=True,
                    tooltip="custom: after the warm-up every n-th step is a full one; 0 for none.",
                ),
                io.Int.Input(
                    "final",
                    default=0,
                    min=0,
                    max=10000,
                    optional=True,
                    tooltip="custom: this many steps at the end are full ones.",
                ),
                io.Float.Input(
                    "full_above_sigma",
                    default=1.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    optional=True,
                    tooltip="custom: steps whose sigma is over this are full ones; 1 for none.",
                ),
                io.Float.Input(
                    "full_below_sigma",
                    default=0.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    optional=True,
                    tooltip="custom: steps whose sigma is under this are full ones; 0 for none.",
                ),
                io.Boolean.Input(
                    "extrapolate",
                    default=True,
                    optional=True,
                    tooltip=(
                        "Follow what is reused along its drift between the last two full steps: "
                        "nearer to the full picture, but it keeps twice as much. Off: hold it."
                    ),
                ),
            ],
            outputs=[
                io.Model.Output(
                    display_name="model", tooltip="A clone of the model that reuses conditions."
                )
            ],
        )

    @classmethod
    def execute(
        cls,
        model,
        mode: str,
        warm_up: int = 1,
        refresh_every: int = 4,
        final: int = 0,
        full_above_sigma: float = 1.0,
        full_below_sigma: float = 0.0,
        extrapolate: bool = True,
    ) -> io.NodeOutput:
        checked_flux(model)
        plan = PLANS.get(mode) or ReusePlan(
            warm_up, refresh_every, final, full_above_sigma, full_below_sigma
        )
        plan = replace(plan, extrapolate=extrapolate)
        return io.NodeOutput(with_condition_reuse(model, plan))
