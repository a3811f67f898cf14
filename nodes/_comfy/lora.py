"""LoRA files onto a clone of the MODEL, and the layout mark they leave there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import comfy.lora
import comfy.utils
import folder_paths

from ...any2any_core.layout import ANY2ANY
from ...any2any_core.lora import LoraFile, lora_modules

DEMO_LORAS = Path(__file__).parents[2] / "demo" / "loras"
LAYOUT_OPTION = "any2any_layout"


def lora_names() -> list[str]:
    """Return the names LoadTryonLoRA offers: the user's own folder, then the demo's."""
    own = folder_paths.get_filename_list("loras")
    demo = sorted(path.name for path in DEMO_LORAS.glob("*.safetensors"))
    return own + [name for name in demo if name not in own]


def lora_path(name: str) -> Path:
    """Return the file behind a name of `lora_names`.

    Raises:
        ValueError: there is none.
    """
    if name not in lora_names():
        raise ValueError(
            f"There is no LoRA '{name}', but a file in models/loras was expected: put it there "
            "and press R to refresh, or choose another."
        )
    path = folder_paths.get_full_path("loras", name)
    return Path(path) if path else DEMO_LORAS / name


@dataclass(frozen=True)
class Match:
    """How a LoRA's modules met the model's weights."""

    matched: int
    unmatched: tuple[str, ...]


def with_lora(model, lora: LoraFile, strength: float) -> tuple[object, Match]:
    """Return a clone of the MODEL with the LoRA on it, and what matched.

    Raises:
        ValueError: no module matches, or one matches by name with other dimensions.
    """
    key_map = comfy.lora.model_lora_keys_unet(model.model, {})
    known = {name: key for name, key in key_map.items() if name in lora_modules(lora.tensors)}
    patches = comfy.lora.load_lora(lora.tensors, known, log_missing=False)
    if not patches:
        example = next(iter(sorted(lora_modules(lora.tensors))))
        raise ValueError(
            f"None of the modules in '{lora.name}' is in this model (the first is '{example}'), "
            "but FLUX.1's were expected: choose a LoRA made for FLUX.1-dev."
        )
    check_dimensions(model, lora.name, patches)
    clone = model.clone()
    clone.add_patches(patches, strength)
    if lora.layout is not None:
        options = clone.model_options["transformer_options"]
        clone.model_options["transformer_options"] = {**options, LAYOUT_OPTION: lora.layout}
    unmatched = sorted(lora_modules(lora.tensors) - set(known))
    return clone, Match(len(patches), tuple(unmatched))


def check_dimensions(model, name: str, patches: dict) -> None:
    """Check every pair against the weight it is for, before anything is patched."""
    for target, adapter in patches.items():
        key, span = (target, None) if isinstance(target, str) else (target[0], target[1])
        weight = comfy.utils.get_attr(model.model, key)
        expected = [span[2] if span else weight.shape[0], weight.shape[1]]
        up, down = getattr(adapter, "weights", (None, None))[:2]
        if up is None or not hasattr(up, "shape"):
            continue
        found = [up.shape[0], down.shape[1]]
        if found != expected:
            raise ValueError(
                f"'{name}' was made for another model: its part for {key} is "
                f"{found[0]}x{found[1]}, but this model's is {expected[0]}x{expected[1]}; choose "
                "a LoRA made for FLUX.1-dev."
            )


def marked_layout(model) -> str:
    """Return the layout that the last LoRA with a say left on the MODEL, else `any2any`."""
    return model.model_options.get("transformer_options", {}).get(LAYOUT_OPTION, ANY2ANY)
