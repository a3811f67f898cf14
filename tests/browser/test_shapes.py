"""The nodes are what the templates' generator takes them for.

`ANY2ANY_MEASURE=1 python dev.py test tests/browser/test_shapes.py` measures them anew.
"""

from __future__ import annotations

import json
import os

import pytest

from devtools.templates.shapes import FILE

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
    measured = {type: without_files(front_end.shape(type)) for type in types}
    if os.environ.get("ANY2ANY_MEASURE"):
        FILE.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    assert json.loads(FILE.read_text(encoding="utf-8")) == measured


def without_files(shape: dict) -> dict:
    widgets = {name: None if name in FILES else value for name, value in shape["widgets"].items()}
    return shape | {"widgets": widgets}
