"""Which steps of a run compute every token, and which reuse the conditions' keys and values.

From the first layer on a condition token has attended to the noisy target, so its keys and values
differ from step to step; they drift slowly. A full step computes all tokens and keeps the
conditions' K and V, a reuse step computes text and target only and attends to what was kept.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReusePlan:
    """The rule that makes a step a full one.

    warm_up: full steps at the start, at least 1; refresh_every: after them every n-th step is
    full, 0 for none; final: full steps at the end; full_above, full_below: every step whose sigma
    is over the one or under the other is full (sigma in 0..1, the flow's time). extrapolate:
    follow K and V along the line through the last two full steps, which takes twice the memory.

    Raises:
        ValueError: a count that is negative, or no warm-up.
    """

    warm_up: int = 1
    refresh_every: int = 0
    final: int = 0
    full_above: float = 1.0
    full_below: float = 0.0
    extrapolate: bool = True

    def __post_init__(self) -> None:
        counts = {
            "warm_up": (self.warm_up, 1),
            "refresh_every": (self.refresh_every, 0),
            "final": (self.final, 0),
        }
        for name, (count, least) in counts.items():
            if count < least:
                raise ValueError(
                    f"{name} is {count}, but at least {least} was expected: the first step has "
                    "nothing to reuse."
                )

    @property
    def reuses(self) -> bool:
        """Whether any step can be another than a full one."""
        return self.refresh_every != 1

    @property
    def depth(self) -> int:
        """How many full steps' K and V are kept."""
        return 2 if self.extrapolate and self.reuses else 1

    def is_full(self, step: int, steps: int, sigma: float) -> bool:
        """Return whether step `step` of `steps` computes every token."""
        if step < self.warm_up or step >= steps - self.final:
            return True
        if sigma > self.full_above or sigma < self.full_below:
            return True
        since_warm_up = step - self.warm_up + 1
        return self.refresh_every > 0 and since_warm_up % self.refresh_every == 0

    def full_steps(self, sigmas: list[float]) -> list[int]:
        """Return the full steps of a schedule of len(sigmas) - 1 steps."""
        steps = len(sigmas) - 1
        return [step for step in range(steps) if self.is_full(step, steps, sigmas[step])]

    def is_due(self, step: int, last: int | None, sigmas: list[float]) -> bool:
        """Return whether a call at `step` computes every token; `last` is the last full step.

        A full step that another node skipped is made up for at the next one.
        """
        if last is None or step == last:
            return last is None
        due = range(min(last + 1, step), step + 1)
        return any(self.is_full(one, len(sigmas) - 1, sigmas[one]) for one in due)


EVERY_STEP = ReusePlan(refresh_every=1)

PLANS = {
    "exact": EVERY_STEP,
    "balanced": ReusePlan(refresh_every=4),
    "fast": ReusePlan(refresh_every=12),
}
"""The modes; their settings are chosen from benchmarks/quality.py's plot."""


def step_at(sigma: float, sigmas: list[float]) -> int:
    """Return the step of a descending schedule that a model call at `sigma` belongs to.

    Second-order samplers also call between two sigmas; such a call belongs to the step before it.
    """
    started = sum(start >= sigma * (1 - 1e-5) for start in sigmas[:-1])
    return max(started - 1, 0)
