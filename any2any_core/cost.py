"""What a step and a run cost: the arithmetic that tokens cause, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from .reuse import EVERY_STEP, ReusePlan


@dataclass(frozen=True)
class FluxSize:
    """A FLUX.1 transformer's width, and its double and single blocks together."""

    hidden: int
    blocks: int

    def flops(self, queries: int, keys: int) -> float:
        """Return the FLOPs of so many tokens that meet so many in attention.

        A token passes 12 * h^2 weights a block (24 h^2 FLOPs) and a pair takes 4 h FLOPs, in
        double and single blocks alike. What comes before and after the blocks is under 1 %.
        """
        return self.blocks * queries * 4.0 * self.hidden * (6.0 * self.hidden + keys)


@dataclass(frozen=True)
class StepCost:
    """One call of the model for one conditioning; text, target and conditions in tokens.

    isolated: the conditions are computed before the first step and never again.
    """

    size: FluxSize
    text: int
    target: int
    conditions: int
    pictures: int = 1
    isolated: bool = False

    @property
    def tokens(self) -> int:
        """The tokens of one picture."""
        return self.text + self.target + self.conditions

    @property
    def full(self) -> float:
        """FLOPs when every token is computed that a step has."""
        if self.isolated:
            return self.reusing
        return self.pictures * self.size.flops(self.tokens, self.tokens)

    @property
    def reusing(self) -> float:
        """FLOPs when the conditions' keys and values are there already."""
        return self.pictures * self.size.flops(self.text + self.target, self.tokens)

    @property
    def before(self) -> float:
        """FLOPs before the first step."""
        conditions = self.conditions if self.isolated else 0
        return self.pictures * self.size.flops(conditions, conditions)

    @property
    def ratio(self) -> float:
        """The full step's cost over that of text and target alone."""
        alone = self.text + self.target
        return self.full / (self.pictures * self.size.flops(alone, alone))

    def steps(self, sigmas: list[float], plan: ReusePlan) -> list[float]:
        """Return the FLOPs of each step of a schedule, one call each; the first with `before`."""
        full = set(plan.full_steps(sigmas))
        steps = [self.full if step in full else self.reusing for step in range(len(sigmas) - 1)]
        return [self.before + steps[0], *steps[1:]]


def arithmetic(flops: float) -> str:
    """Return `96.3 TFLOP`, or `5.5 GFLOP` for a small model."""
    value, unit = (flops / 1e12, "TFLOP") if flops >= 1e11 else (flops / 1e9, "GFLOP")
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def duration(seconds: float) -> str:
    """Return `0.41 s`, `12 s` or `3.4 min`."""
    if seconds >= 100:
        return f"{seconds / 60:.1f} min"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"


def preview_words(
    cost: StepCost, sigmas: list[float], plan: ReusePlan, rate: float | None
) -> list[str]:
    """Return the lines that say before a run what it costs.

    rate: FLOPs a second that this device made, None before it made any.
    """
    count = len(sigmas) - 1
    whole, run = (sum(cost.steps(sigmas, one)) for one in (EVERY_STEP, plan))
    reusing = f", {arithmetic(run)} with condition reuse" if run < whole else ""
    pictures = f" for {cost.pictures} pictures" if cost.pictures > 1 else ""
    lines = [
        f"a step{pictures}: {arithmetic(cost.full)}, {cost.ratio:.2f} times the target alone",
        f"{count} steps: {arithmetic(whole)}{reusing}; a cfg over 1 doubles it",
    ]
    if rate is not None:
        lines.append(
            f"at the last run's {arithmetic(rate)}/s: {duration(cost.full / rate)} a full step, "
            f"{duration(run / rate)} in all"
        )
    return lines


def memory_words(conditions: int | None, kept: int) -> list[str]:
    """Return the line that says what memory a run takes beside the picture's own.

    conditions: their bytes, None if unknown; kept: what is kept between steps.
    """
    parts = []
    if conditions is not None:
        parts.append(f"the conditions need about {conditions / 2**30:.2f} GB of extra memory")
    if kept:
        parts.append(f"{kept / 2**30:.2f} GB are kept between steps")
    return [", ".join(parts)] if parts else []


def announced(costs: list[StepCost], sigmas: list[float], plan: ReusePlan) -> str:
    """Return what a run is going to cost, before its first step; a cost each conditioning."""
    step = sum(cost.full for cost in costs)
    whole, reusing = (
        sum(sum(cost.steps(sigmas, one)) for cost in costs) for one in (EVERY_STEP, plan)
    )
    words = (
        f"{max(cost.tokens for cost in costs):,} tokens, {arithmetic(step)} a step, "
        f"{arithmetic(whole)} for {len(sigmas) - 1} steps"
    )
    if reusing < whole:
        words += f", {arithmetic(reusing)} with condition reuse"
    return words


def estimated(first: float, steps: list[float]) -> str:
    """Return how long a run takes, after its first step.

    first: that step's seconds; steps: the FLOPs of every step.
    """
    rest = first * sum(steps[1:]) / steps[0]
    return f"the first step took {duration(first)}, about {duration(rest)} to go"


def settled(count: int, seconds: float, rate: float) -> str:
    """Return how long a run of `count` steps took, and its FLOPs a second."""
    return f"{count} steps in {duration(seconds)}, {arithmetic(rate)}/s"
