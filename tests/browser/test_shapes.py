"""The nodes are what the templates' generator takes them for.

`ANY2ANY_MEASURE=1 python dev.py test tests/browser/test_shapes.py` measures them anew.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict

import pytest
from front_end import FrontEnd

from devtools.templates.shapes import FILE, Measured, measured

pytestmark = [pytest.mark.browser, pytest.mark.server]

CORE = (
    "CLIPTextEncode",
    "ConditioningZeroOut",
    "DualCLIPLoader",
    "FluxGuidance",
    "GrowMask",
    "ImageBatch",
    "ImageCompositeMasked",
    "ImageScale",
    "ImageScaleBy",
    "InpaintModelConditioning",
    "KSampler",
    "LatentUpscaleBy",
    "LoadImage",
    "MarkdownNote",
    "MaskPreview",
    "PreviewAny",
    "PreviewImage",
    "SaveImage",
    "T5TokenizerOptions",
    "UNETLoader",
    "VAEDecode",
    "VAELoader",
)

FILES = {"image", "unet_name", "vae_name", "clip_name1", "clip_name2", "lora_name"}
"""Widgets whose first value is a file that happens to lie there."""


def test_the_nodes_are_as_measured(front_end, node_classes):
    types = sorted({*CORE, *node_classes})
    now = Measured(front_end.version, {type: shape_of(front_end, type) for type in types})
    if os.environ.get("ANY2ANY_MEASURE"):
        FILE.write_text(json.dumps(asdict(now), indent=1) + "\n", encoding="utf-8")
    if (known := measured()).front_end != front_end.version:
        pytest.skip(f"measured with front end {known.front_end}, this is {front_end.version}")
    assert known == now


def test_any_front_end_makes_our_slots_and_widgets(front_end, node_classes):
    known = measured().nodes
    for type in node_classes:
        assert shape_of(front_end, type) | {"size": None} == known[type] | {"size": None}, type


def shape_of(front_end: FrontEnd, type: str) -> dict:
    """Return a node's shape, the files that happen to lie there left out."""
    shape = front_end.shape(type)
    widgets = {name: None if name in FILES else value for name, value in shape["widgets"].items()}
    return shape | {"widgets": widgets}
