"""Both names of a FLUX.1 transformer's weights: there and back is the same, and all are there."""

from __future__ import annotations

import torch

from devtools.bfl import bfl_weights, diffusers_weights
from devtools.flux import flux_transformer


def test_there_and_back_is_the_same():
    source = flux_transformer(heads=2, axes=(4, 6, 6), double=2, single=3).state_dict()
    original = bfl_weights(source)
    assert original["double_blocks.1.img_attn.qkv.weight"].shape == (3 * 32, 32)
    assert original["single_blocks.2.linear1.bias"].shape == (7 * 32,)
    back = diffusers_weights(original)
    assert back.keys() == source.keys()
    assert all(torch.equal(back[name], source[name]) for name in source)
