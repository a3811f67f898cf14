"""The pack's side: AdaptivePositionPack and Any2AnySampler in ComfyUI."""

from __future__ import annotations

import time

import torch

from devtools.in_process import run_node

from .comfyui import packed
from .workload import Workload


class ComfyUISide:
    """The whole sampler node is timed, ComfyUI's preparation of the run with it.

    mode: of condition reuse; None is the MODEL without it.
    """

    def __init__(
        self,
        sizes: Workload,
        nodes: dict[str, type],
        model,
        inputs: dict[str, torch.Tensor],
        mode: str | None = None,
    ):
        self.sizes = sizes
        self.sampler = nodes["Any2AnySampler"]
        if mode is not None:
            (model,) = run_node(nodes["Any2AnyConditionReuse"], model=model, mode=mode)
        self.pack = packed(nodes, model, inputs, sizes)

    def run(self) -> float:
        start = time.perf_counter()
        (self.latent,) = run_node(
            self.sampler,
            model=self.pack.model,
            positive=self.pack.positive,
            negative=self.pack.negative,
            latent=self.pack.latent,
            steps=self.sizes.steps,
        )
        return (time.perf_counter() - start) / self.sizes.steps

    def result(self) -> list:
        return self.latent["samples"].tolist()
