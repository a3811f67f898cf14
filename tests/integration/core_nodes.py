"""ComfyUI's own nodes, as a workflow runs them."""

from __future__ import annotations

import torch
from tryon import SEED


def easycache(model, reuse_threshold: float):
    from comfy_extras.nodes_easycache import EasyCacheNode

    return EasyCacheNode.execute(
        model, reuse_threshold=reuse_threshold, start_percent=0.0, end_percent=1.0, verbose=False
    ).args[0]


def ksampled(model, positive, latent, shift_of):
    """Return stock KSampler's latent, with another MODEL's shift."""
    import nodes

    model = model.clone()
    model.add_object_patch("model_sampling", shift_of.get_model_object("model_sampling"))
    with torch.inference_mode():
        (result,) = nodes.KSampler().sample(
            model, SEED, 2, 1.0, "euler", "simple", positive, positive, latent, 1.0
        )
    return result["samples"]
