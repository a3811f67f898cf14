"""A ControlNet that returns the residuals it was made with."""

from __future__ import annotations

import torch
from small_flux import DOUBLE, HIDDEN, SINGLE

Residuals = tuple[list[torch.Tensor], list[torch.Tensor]]


def random_residuals(target_tokens: int) -> Residuals:
    """Return residuals [target_tokens, hidden] for every double and every single block."""
    generator = torch.Generator().manual_seed(5)

    def draw(blocks: int) -> list[torch.Tensor]:
        return [torch.randn(target_tokens, HIDDEN, generator=generator) for _ in range(blocks)]

    return draw(DOUBLE), draw(SINGLE)


def control_stub(residuals: Residuals):
    """Return a ControlNet for a conditioning's `control`; ComfyUI must be importable by now."""
    from comfy.controlnet import ControlBase

    class ControlStub(ControlBase):
        def get_control(self, x_noisy, *_):
            double, single = (
                [one.expand(x_noisy.shape[0], -1, -1) for one in part] for part in residuals
            )
            return {"input": double, "output": single}

    return ControlStub()
