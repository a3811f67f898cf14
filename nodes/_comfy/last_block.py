"""The last single block for the target alone: nobody reads its other tokens.

Queries, MLP and output are computed for the target's tokens only, keys and values for all: the
target's result is the block's own. The block's submodules do the work, and once a run their
result is held against the block itself.
"""

from __future__ import annotations

import logging

import torch
import torch.nn.functional as F
from comfy.ldm.flux.math import apply_rope
from comfy.ldm.modules.attention import optimized_attention

HELD_EQUAL = 2e-2, 1e-4
"""The largest difference to the block itself, relative to its norm: half precision, and float32."""


class LastBlock:
    """The replacement of a run's last single block; `texts` and `targets` are set at each call."""

    def __init__(self, flux):
        self.key = ("single_block", len(flux.single_blocks) - 1)
        self.block = flux.single_blocks[-1]
        self.checked = False
        self.usable = getattr(self.block, "modulation", None) is not None

    def added_to(self, options: dict, texts: int, targets: int) -> dict:
        """Return a copy of the options in which the last block computes the target alone."""
        patches = options.get("patches", {})
        if not self.usable or any(name.startswith("attn1") for name in patches):
            return options
        replace = options.get("patches_replace", {})
        existing = replace.get("dit", {}).get(self.key)

        def replacement(args: dict, extra: dict) -> dict:
            def target_alone(args: dict) -> dict:
                return {"img": self.checked_result(args, extra, texts, targets)}

            if existing is not None:
                return existing(args, {**extra, "original_block": target_alone})
            return target_alone(args)

        blocks = {**replace.get("dit", {}), self.key: replacement}
        return {**options, "patches_replace": {**replace, "dit": blocks}}

    def checked_result(self, args, extra, texts, targets) -> torch.Tensor:
        """Return text and target [B,texts+targets,D]; the text's part is not computed."""
        if self.checked:
            if not self.usable:
                return extra["original_block"](args)["img"]
            return target_alone(self.block, args, texts, targets)
        x = args["img"]
        mine = target_alone(self.block, args, texts, targets)
        whole = extra["original_block"]({**args, "img": x.clone()})["img"]
        wanted = whole[:, texts : texts + targets]
        difference = (mine[:, texts:] - wanted).norm() / (
            wanted - x[:, texts : texts + targets]
        ).norm()
        self.checked = True
        if difference > HELD_EQUAL[x.dtype == torch.float32]:
            self.usable = False
            logging.warning(
                "Any2Any runs the last block whole: its parts differ from it by %.1e.", difference
            )
            return whole
        return mine


def target_alone(block, args: dict, texts: int, targets: int) -> torch.Tensor:
    """Return [B,texts+targets,D]: the text as it came, the target as the block makes it."""
    x, pe, width = args["img"], args["pe"], block.hidden_size
    own = slice(texts, texts + targets)
    modulation, _ = block.modulation(args["vec"])
    modulated = torch.addcmul(modulation.shift, block.pre_norm(x), 1 + modulation.scale)
    q, k_own, v_own, mlp = block.linear1(modulated[:, own]).split(
        [width, width, width, block.mlp_hidden_dim_first], dim=-1
    )
    before, behind = (
        rows(block.linear1, modulated[:, part], width, 3 * width).chunk(2, dim=-1)
        for part in (slice(texts), slice(texts + targets, None))
    )
    k = torch.cat((before[0], k_own, behind[0]), dim=1)
    v = torch.cat((before[1], v_own, behind[1]), dim=1)
    q, k, v = (part.unflatten(-1, (block.num_heads, -1)).transpose(1, 2) for part in (q, k, v))
    q, _ = block.norm(q, q, v)
    _, k = block.norm(k, k, v)
    q, _ = apply_rope(q, q, pe[:, :, own])
    _, k = apply_rope(k, k, pe)
    attended = optimized_attention(
        q,
        k,
        v,
        block.num_heads,
        skip_reshape=True,
        mask=args.get("attn_mask"),
        transformer_options=args.get("transformer_options"),
    )
    output = block.linear2(torch.cat((attended, block.mlp_act(mlp)), dim=2))
    result = x[:, own] + modulation.gate * output
    if result.dtype == torch.float16:
        result = torch.nan_to_num(result, nan=0.0, posinf=65504, neginf=-65504)
    return torch.cat((x[:, :texts], result), dim=1)


def rows(linear, x: torch.Tensor, first: int, end: int) -> torch.Tensor:
    """Return some of a linear's outputs; all are computed where the weight is not a plain one."""
    weight = linear.weight
    patched = getattr(linear, "comfy_cast_weights", False) or getattr(linear, "weight_function", ())
    if type(weight) is torch.nn.Parameter and weight.dtype == x.dtype and not patched:
        return F.linear(x, weight[first:end], linear.bias[first:end])
    return linear(x)[..., first:end]
