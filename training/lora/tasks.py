"""How often each task is trained: the mixture that `--tasks` asks for."""

from __future__ import annotations

from any2any_core.prompts import TASKS


def task_weights(text: str) -> dict[str, float]:
    """Return each task's share of the draws, adding up to 1, from 'try-on=3,model-free=1'.

    Empty where none is named: then every triple is trained for its own task.

    Raises:
        ValueError: an unknown task, or a weight that is no number above 0.
    """
    weights = {}
    for part in text.split(",") if text else ():
        name, _, weight = (word.strip() for word in part.partition("="))
        if name not in TASKS:
            raise ValueError(
                f"--tasks names '{name}', but some of {', '.join(TASKS)} were expected, each with "
                "its weight: 'try-on=3,model-free=1'."
            )
        try:
            weights[name] = float(weight or 1)
        except ValueError:
            weights[name] = 0.0
        if not 0 < weights[name] < float("inf"):
            raise ValueError(
                f"--tasks gives {name} the weight '{weight}', but a number above 0 was expected: "
                "leave a task out that is not to be trained."
            )
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}
