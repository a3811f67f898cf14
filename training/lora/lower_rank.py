"""A LoRA of a lower rank, to go on training from where a smaller file is wanted."""

from __future__ import annotations

import torch


def at_rank(weights: dict[str, torch.Tensor], rank: int) -> dict[str, torch.Tensor]:
    """Return the LoRA of that rank that is nearest to another one, in its own keys.

    weights: by name, `<module>.lora_A.weight` [r,in] and `<module>.lora_B.weight` [out,r], r no
    lower than `rank`. Of each module's B A the largest singular values stay (Eckart and Young),
    the root of each in A and in B.
    """
    lower = {}
    for name, down in weights.items():
        if ".lora_A." in name:
            other = name.replace(".lora_A.", ".lora_B.")
            left, values, right = torch.linalg.svd(weights[other] @ down, full_matrices=False)
            roots = values[:rank].sqrt()
            lower[name] = (roots[:, None] * right[:rank]).contiguous()
            lower[other] = (left[:, :rank] * roots).contiguous()
    return lower
