"""A workflow in this process, with ComfyUI's executor and cache, and how often its parts ran."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from unittest import mock

TEXT, ENCODE, STEP, DECODE = "text", "encode", "step", "decode"

Counts = dict[str, list[int]]
"""By part: 1 for each text, the panels side by side of each picture that was encoded, and the
pictures of each step and of each decoding."""


@contextlib.contextmanager
def counts(panel_pixels: int) -> Iterator[Counts]:
    """Count every part within the block; `panel_pixels` are one panel's."""
    import comfy.model_base
    import comfy.sd

    noted: dict[str, Callable[..., list[int]]] = {
        TEXT: lambda *_: [1],
        ENCODE: lambda _, pixels: [pixels[0, ..., 0].numel() // panel_pixels] * len(pixels),
        STEP: lambda _, x, *__: [len(x)],
        DECODE: lambda _, samples: [len(samples)],
    }
    methods = {
        TEXT: (comfy.sd.CLIP, "encode_from_tokens_scheduled"),
        ENCODE: (comfy.sd.VAE, "encode"),
        STEP: (comfy.model_base.BaseModel, "apply_model"),
        DECODE: (comfy.sd.VAE, "decode"),
    }
    parts: Counts = {name: [] for name in methods}

    def counted(name: str, original: Callable) -> Callable:
        def call(self, *args, **kwargs):
            parts[name] += noted[name](self, *args)
            return original(self, *args, **kwargs)

        return call

    with contextlib.ExitStack() as stack:
        for name, (owner, method) in methods.items():
            replacement = counted(name, getattr(owner, method))
            stack.enter_context(mock.patch.object(owner, method, replacement))
        yield parts


class Silent:
    """The server that a PromptExecutor talks to, without anybody who listens."""

    client_id = last_node_id = last_prompt_id = None

    def send_sync(self, *_, **__) -> None:
        pass


def executor():
    """Return ComfyUI's executor with an empty cache."""
    import execution

    return execution.PromptExecutor(Silent(), cache_args={"lru": 0, "ram": 0, "ram_inactive": 0})


def run(executor, prompt: dict) -> None:
    """Run a workflow in API form.

    Raises:
        RuntimeError: a node failed.
    """
    import nodes

    outputs = [
        name
        for name, node in prompt.items()
        if getattr(nodes.NODE_CLASS_MAPPINGS[node["class_type"]], "OUTPUT_NODE", False)
    ]
    executor.execute(prompt, "benchmark", {}, outputs)
    if not executor.success:
        raise RuntimeError(executor.status_messages[-1][1].get("exception_message"))
