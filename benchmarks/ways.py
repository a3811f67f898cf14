"""The ways of saving that benchmarks.quality compares, and what each costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module

from any2any_core.reuse import PLANS
from training.demo_nodes import Nodes

FULL, HELD, FOLLOWED, FEWER, SKIPPED, BOTH = (
    "every step in full",
    "condition reuse, K and V held",
    "condition reuse, K and V followed",
    "fewer steps",
    "EasyCache",
    "condition reuse with one of the others",
)
"""Families: one line of the plot each."""


@dataclass(frozen=True, eq=False)
class Way:
    """A way of saving: its steps, Any2AnyConditionReuse's inputs, and EasyCache's threshold."""

    name: str
    family: str
    steps: int
    reuse: dict = field(default_factory=dict)
    threshold: float | None = None

    @property
    def settings(self) -> str:
        """All that its pictures depend on, but for the pack's code: a mode's plan too."""
        plan = PLANS.get(self.reuse.get("mode"))
        return f"{self.steps} {self.reuse} {plan} {self.threshold}"

    def patched(self, nodes: Nodes, model):
        """Return the MODEL with reuse, and core's EasyCache on top."""
        if self.reuse:
            (model,) = nodes.run("Any2AnyConditionReuse", model=model, **self.reuse)
        if self.threshold is not None:
            model = with_input_of_its_own(model)
            easycache = import_module("comfy_extras.nodes_easycache").EasyCacheNode
            (model,) = easycache.execute(
                model,
                reuse_threshold=self.threshold,
                start_percent=0.15,
                end_percent=0.95,
                verbose=False,
            ).args
        return model


def with_input_of_its_own(model):
    """Return a clone of the MODEL whose EasyCache may write into its input.

    Core's adds to it in place when it skips a step. In half precision that is a copy; in float32,
    as on a CPU, it is the sampler's own latent, and the picture is lost.
    """
    wrapped = import_module("comfy.patcher_extension").WrappersMP.DIFFUSION_MODEL

    def copied(executor, x, *args, **kwargs):
        return executor(x.clone(), *args, **kwargs)

    clone = model.clone()
    clone.add_wrapper_with_key(wrapped, "benchmarks", copied)
    return clone


def ways(steps: int) -> list[Way]:
    """Return every way for a run that in full takes so many steps."""

    def custom(every: int, family: str, of: int = steps) -> Way:
        settings = {"mode": "custom", "warm_up": 1, "refresh_every": every}
        settings["extrapolate"] = family is FOLLOWED
        word = "held" if family is HELD else "followed"
        return Way(f"every {every}, {word}", family, of, settings)

    half, third, quarter = (round(steps / part) for part in (2, 3, 4))
    balanced, fast = {"mode": "balanced"}, {"mode": "fast"}
    return [
        Way("exact", FULL, steps, {"mode": "exact"}),
        custom(2, FOLLOWED),
        Way("balanced", FOLLOWED, steps, balanced),
        Way("fast", FOLLOWED, steps, fast),
        custom(2, HELD),
        custom(4, HELD),
        custom(12, HELD),
        *(Way(f"{count} steps", FEWER, count) for count in (half, third, quarter)),
        *(
            Way(f"EasyCache {threshold}", SKIPPED, steps, threshold=threshold)
            for threshold in (0.05, 0.1, 0.2)
        ),
        Way(f"balanced, {half} steps", BOTH, half, balanced),
        Way(f"fast, {half} steps", BOTH, half, fast),
        Way("balanced, EasyCache 0.1", BOTH, steps, balanced, 0.1),
    ]


class Calls:
    """Counts a transformer's calls by their image tokens, while it is entered."""

    def __init__(self, model):
        self.tokens: Counter[int] = Counter()
        self.block = model.model.diffusion_model.double_blocks[0]

    def __enter__(self) -> Calls:
        def count(_, __, inputs: dict) -> None:
            self.tokens[inputs["img"].shape[1]] += 1

        self.hook = self.block.register_forward_pre_hook(count, with_kwargs=True)
        return self

    def __exit__(self, *_) -> None:
        self.hook.remove()

    @property
    def full_and_reuse(self) -> tuple[int, int]:
        """Calls with every token, and calls with the target's alone."""
        full = self.tokens[max(self.tokens)]
        return full, self.tokens.total() - full
