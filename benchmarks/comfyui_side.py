"""The pack's side: AdaptivePositionPack and Any2AnySampler in ComfyUI."""

from __future__ import annotations

import time
from pathlib import Path

from safetensors.torch import load_file

from devtools.in_process import run_node

from .comfyui import loaded_model, nodes_by_id, packed
from .files import BFL, INPUTS
from .workload import Workload


class ComfyUISide:
    """The whole sampler node is timed, ComfyUI's preparation of the run with it.

    mode: of condition reuse; None is the MODEL without it.
    """

    def __init__(self, sizes: Workload, folder: Path, mode: str | None = None):
        nodes = nodes_by_id()

        import comfy.utils

        self.sizes = sizes
        self.sampler = nodes["Any2AnySampler"]
        model = loaded_model(comfy.utils.load_torch_file(str(folder / BFL)), sizes)
        if mode is not None:
            (model,) = run_node(nodes["Any2AnyConditionReuse"], model=model, mode=mode)
        self.pack = packed(nodes, model, load_file(folder / INPUTS), sizes)

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
