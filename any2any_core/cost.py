"""What a step costs: tokens, and the arithmetic they cause."""

from __future__ import annotations


def step_cost(tokens: int, hidden_size: int) -> float:
    """Return a step's cost in units of 4 * hidden_size FLOPs a block.

    A token passes 12 * h^2 weights a block (24 h^2 FLOPs) and meets every token in attention
    (4 h FLOPs a pair), in double and single blocks alike: t * (6 h + t).
    """
    return tokens * (6.0 * hidden_size + tokens)


def cost_ratio(text: int, target: int, conditions: int, hidden_size: int) -> float:
    """Return the step's cost over that of text and target alone."""
    whole = step_cost(text + target + conditions, hidden_size)
    return whole / step_cost(text + target, hidden_size)
