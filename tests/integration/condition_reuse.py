"""Any2AnyConditionReuse at a setting whose refreshes fall inside the tests' few steps."""

from __future__ import annotations

EVERY_THIRD = {"mode": "custom", "warm_up": 1, "refresh_every": 3}


def reused(run, model, **settings):
    (model,) = run("Any2AnyConditionReuse", model=model, **(settings or EVERY_THIRD))
    return model
