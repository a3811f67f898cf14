"""What training a LoRA on FLUX.1-dev needs: computed from its shapes, not measured.

One batch of a try-on goes forward and backward through diffusers' class on the meta device, which
has shapes but no numbers. torch's FlopCounterMode counts, and every tensor is followed from its
making to its end, so that the peak is known. Weights, LoRA and optimizer are added up. Seconds are
the FLOPs over the card's dense bf16 peak at a utilisation that is assumed.

    python -m benchmarks.training --output table.md
"""

from __future__ import annotations

import argparse
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from any2any_core.geometry import Size
from devtools.flux import POOLED, TEXT, flux_transformer
from devtools.tables import markdown
from training.lora.adapter import add_lora, lora_parameters
from training.lora.base import store_as_float8
from training.lora.settings import Settings

from .report import shown
from .workload import AXES, FLUX_DEV

SHAPE = {**FLUX_DEV, "axes": AXES}
SIZES = (Size(384, 512), Size(576, 768), Size(768, 1024))
TEXT_TOKENS = 512
PANELS = 3
"""Target, person and garment, each as large as the target."""

CARDS = {"24 GB": (24.0, 165e12), "40 GB": (40.0, 312e12), "80 GB": (80.0, 989e12)}
"""Memory, and dense bf16 FLOPs a second from the makers' data sheets: RTX 4090, A100, H100."""
UTILISATION = 0.4
SPARE = 1.5
"""GB for the driver, the libraries' workspaces and what the allocator cannot use."""

MASTER, GRADIENT, AVERAGE, MOMENTS, MOMENTS_8BIT = 4, 4, 4, 8, 2
"""Bytes a trained weight: itself, its gradient and its average in float32, AdamW's two moments."""

WAYS = {
    "bf16": Settings(data=""),
    "bf16, checkpointing": Settings(data="", checkpointing=True, optimizer="adamw8bit"),
    "float8, checkpointing": Settings(
        data="", checkpointing=True, optimizer="adamw8bit", base_weights="float8"
    ),
}


class Live(TorchDispatchMode):
    """Follows the bytes of all storages made while it is on; `peak` is the most at once."""

    def __init__(self):
        super().__init__()
        self.now = self.peak = 0
        self.seen = weakref.WeakSet()

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        result = function(*arguments, **(keywords or {}))
        given = {id(one.untyped_storage()) for one in tensors_in((arguments, keywords))}
        for tensor in tensors_in(result):
            storage = tensor.untyped_storage()
            if id(storage) not in given and storage not in self.seen:
                self.seen.add(storage)
                self.now += storage.nbytes()
                self.peak = max(self.peak, self.now)
                weakref.finalize(storage, self.end, storage.nbytes())
        return result

    def end(self, nbytes: int) -> None:
        self.now -= nbytes


def tensors_in(values) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]


@dataclass(frozen=True)
class Need:
    """What one way of training takes: GB, and FLOPs of a batch of one."""

    weights: float
    trained: float
    activations: float
    flops: int

    @property
    def memory(self) -> float:
        return self.weights + self.trained + self.activations + SPARE


@contextmanager
def as_on_a_card() -> Iterator[None]:
    """Make the meta device do as autocast on a card: flash attention, norms in float32."""
    norm, linear = F.layer_norm, F.linear

    def flash(query, key, value, **_):
        return torch.ops.aten._scaled_dot_product_flash_attention(query, key, value)[0]

    def wide(x, *arguments, **keywords):
        return norm(x.float(), *arguments, **keywords)

    def narrow(x, weight, bias=None):
        return linear(x.to(torch.bfloat16), weight, bias)

    with (
        mock.patch.object(F, "scaled_dot_product_attention", flash),
        mock.patch.object(F, "layer_norm", wide),
        mock.patch.object(F, "linear", narrow),
    ):
        yield


def meta_transformer(settings: Settings, shape: dict) -> FluxTransformer2DModel:
    """Return the transformer with its LoRA as it is trained, without numbers."""
    with torch.device("meta"):
        transformer = flux_transformer(**shape).requires_grad_(False)
        add_lora(transformer, settings)
    transformer.to(torch.bfloat16)
    if settings.base_weights == "float8":
        store_as_float8(transformer)
    if settings.checkpointing:
        transformer.enable_gradient_checkpointing()
    for parameter in lora_parameters(transformer).values():
        parameter.grad = torch.empty_like(parameter)  # counted with what is trained
    return transformer.train()


def forward_and_backward(transformer: FluxTransformer2DModel, tokens: int) -> None:
    """Take one batch of one through the transformer and back."""

    def empty(*shape: int) -> torch.Tensor:
        return torch.empty(shape, device="meta", dtype=torch.bfloat16)

    predicted = transformer(
        hidden_states=empty(1, tokens, 64),
        encoder_hidden_states=empty(1, TEXT_TOKENS, TEXT),
        pooled_projections=empty(1, POOLED),
        timestep=empty(1),
        guidance=empty(1),
        img_ids=empty(tokens, 3).float(),
        txt_ids=empty(TEXT_TOKENS, 3).float(),
        return_dict=False,
    )[0]
    predicted[:, : tokens // PANELS].float().square().mean().backward()


def need(settings: Settings, size: Size, shape: dict = SHAPE) -> Need:
    """Return what a try-on of this size needs."""
    transformer = meta_transformer(settings, shape)
    trained = sum(p.numel() for p in lora_parameters(transformer).values())
    frozen = [p for p in transformer.parameters() if not p.requires_grad]
    moments = MOMENTS_8BIT if settings.optimizer == "adamw8bit" else MOMENTS
    with as_on_a_card(), Live() as live:
        forward_and_backward(transformer, PANELS * size.tokens)
    return Need(
        weights=sum(p.numel() * p.element_size() for p in frozen) / 1e9,
        trained=trained * (MASTER + GRADIENT + AVERAGE + moments) / 1e9,
        activations=live.peak / 1e9,
        flops=flops(settings, size, shape),
    )


def flops(settings: Settings, size: Size, shape: dict) -> int:
    """Return a batch's FLOPs: blocks of a kind are alike, so three small stacks tell the whole."""

    def counted(double: int, single: int) -> int:
        transformer = meta_transformer(settings, shape | {"double": double, "single": single})
        with as_on_a_card(), FlopCounterMode(display=False) as counter:
            forward_and_backward(transformer, PANELS * size.tokens)
        return counter.get_total_flops()

    # the first block has no gradient to hand back, so it is not like the others
    small, a_double_more, a_single_more = counted(2, 1), counted(3, 1), counted(2, 2)
    return (
        small
        + (shape["double"] - 2) * (a_double_more - small)
        + (shape["single"] - 1) * (a_single_more - small)
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, help="also write the table here, as markdown")
    options = parser.parse_args(arguments)
    rows = [["size", "way", "weights", "trained", "activations", "all, GB", "fits", "TFLOP"]]
    rows[0] += [f"s on {card}" for card in CARDS]
    for size in SIZES:
        for way, settings in WAYS.items():
            rows.append(row(size, way, need(settings, size)))
            print(" ".join(rows[-1]), flush=True)
    text = (
        f"Computed, not measured: try-on, batch 1, {TEXT_TOKENS} text tokens, rank 64 unless "
        f"named, {UTILISATION:.0%} of the cards' peak.\n\n{markdown(rows)}\n"
    )
    shown(text, options.output)


def row(size: Size, way: str, one: Need) -> list[str]:
    fits = [card for card, (memory, _) in CARDS.items() if one.memory * 1e9 <= memory * 2**30]
    return [
        str(size),
        way,
        *(f"{value:.1f}" for value in (one.weights, one.trained, one.activations, one.memory)),
        f"{fits[0]} on" if fits else "none",
        f"{one.flops / 1e12:.0f}",
        *(
            f"{one.flops / (speed * UTILISATION):.1f}" if card in fits else "-"
            for card, (_, speed) in CARDS.items()
        ),
    ]


if __name__ == "__main__":
    main()
