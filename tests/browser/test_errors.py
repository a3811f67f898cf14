"""What somebody sees whose workflow is wrong: a sentence, and the node that it is about."""

from __future__ import annotations

import json

import pytest

from devtools.comfyui import ROOT
from devtools.demo import WORKFLOW

pytestmark = [pytest.mark.browser, pytest.mark.server]

CULPRIT = "ConditionImageEncode"

WRONG_VAE = {
    "1": {"class_type": "VAELoader", "inputs": {"vae_name": "pixel_space"}},
    "2": {
        "class_type": CULPRIT,
        "inputs": {"vae": ["1", 0], "width": 144, "height": 192, "encode": "together"},
    },
    "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 1]}},
}
"""ComfyUI's one VAE that needs no file."""


def test_a_wrong_vae_is_told_on_the_node(front_end):
    front_end.open_prompt(WRONG_VAE)
    front_end.run()
    front_end.wait_for_text("load ae.safetensors")
    assert front_end.failed_node_type() == CULPRIT


@pytest.mark.skipif(
    not (ROOT / "demo" / "vae").is_dir(),
    reason="there is no demo model yet: python dev.py train-demo makes one",
)
def test_neither_person_nor_garment_is_told_on_the_node(front_end):
    front_end.open(json.loads(WORKFLOW.read_text(encoding="utf-8")))
    front_end.disconnect(CULPRIT, "person", "garment")
    front_end.run()
    front_end.wait_for_text("Neither a person nor a garment is connected")
    assert front_end.failed_node_type() == CULPRIT
