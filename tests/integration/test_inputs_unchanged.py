"""No node changes what it is given: ComfyUI hands the same value to others, and to the next run."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from lora_files import published_lora, saved
from tryon import Photo, TryOn, packed

TRY_ON = TryOn(Photo(72, 96), (Photo(60, 60),), negative=True, cfg=2.0)


def frozen(value):
    """Return all that a node could change in a value, as plain data that compares by content."""
    if isinstance(value, torch.Tensor):
        return tuple(value.shape), value.dtype, value.detach().cpu().numpy().tobytes()
    if isinstance(value, dict):
        return {key: frozen(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [frozen(entry) for entry in value]
    if hasattr(value, "model_options"):  # a MODEL
        parts = ("model_options", "patches", "object_patches", "wrappers", "callbacks")
        return {part: frozen(getattr(value, part, None)) for part in parts}
    if hasattr(value, "panels"):  # conditions
        panels = [vars(panel) for panel in value.panels]
        return frozen([panels, value.target, value.latents])
    return value if isinstance(value, str | int | float | bool | None) else id(value)


@pytest.fixture(scope="module")
def careful_run(run):
    """Run a node, and see that its inputs are as they were."""

    def run_by_id(node_id: str, **inputs) -> tuple:
        before = frozen(inputs)
        outputs = run(node_id, **inputs)
        changed = [name for name, value in frozen(inputs).items() if value != before[name]]
        assert changed == [], f"{node_id} changed its inputs"
        return outputs

    return run_by_id


def test_the_whole_way(careful_run, model, vae):
    pack = packed(careful_run, model, vae, TRY_ON)
    latent = pack.sampled(careful_run, steps=1, cfg=TRY_ON.cfg)
    pack.sampled(careful_run, steps=1, noise="reference")
    careful_run("Any2AnyScheduler", positive=pack.positive, latent=pack.latent, steps=2)
    careful_run("Any2AnyNoise", positive=pack.positive, latent=pack.latent, seed=1)
    picture, original = vae.decode(latent), TRY_ON.person.image(100)
    mask = torch.zeros(1, 96, 72)
    mask[:, 20:60, 20:60] = 1
    careful_run("Any2AnyCanvas", image=original)
    careful_run("Any2AnyRestore", image=picture, conditions=pack.conditions)
    careful_run(
        "Any2AnyRestore", image=picture, conditions=pack.conditions, original=original, mask=mask
    )


def test_packing_twice(careful_run, model, vae):
    """The second time the model and the conditioning already carry what the first one put there."""
    case = replace(TRY_ON, negative=False)
    pack = packed(careful_run, model, vae, case)
    packed(careful_run, pack.model, vae, case, positive=pack.positive)


def test_a_lora(careful_run, model, loras):
    (marked, _) = careful_run(
        "LoadTryonLoRA", model=model, lora_name=saved(loras, published_lora(), {"layout": "canvas"})
    )
    careful_run("LoadTryonLoRA", model=marked, lora_name=saved(loras, published_lora(), name="b"))
