"""LoRA files: safe reading, one key form, and the scale that the file means.

Diffusers' published form is the canonical one here:
`transformer.<module>.lora_A.weight` [rank,in], `...lora_B.weight` [out,rank], `....alpha` [].
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from .layout import ANY2ANY, LAYOUTS, VITONHD

HEADER_KEY = "any2any"
"""Our own header entry: JSON with `layout` and `task`."""

DIFFUSERS_KEY = "lora_adapter_metadata"
"""Diffusers' header entry: JSON of the PEFT configuration, keys prefixed `transformer.`."""

PUBLISHED = {
    "dev_lora_tryon_vitonhd": ("vitonhd", VITONHD),
    "dev_lora_any2any_alltasks": ("all tasks", ANY2ANY),
    "dev_lora_any2any_tryon": ("try-on", ANY2ANY),
    "dev_lora_garment_reconstruction": ("garment reconstruction", ANY2ANY),
    "dev_lora_model_generation": ("model-free", ANY2ANY),
}
"""The published files by the start of their names: task and layout."""

_WEIGHT = re.compile(
    r"(?P<module>.+?)"
    r"(\.lora_(A|B|up|down)(\.default)?(\.weight)?|[._]lora\.(up|down)\.weight"
    r"|\.alpha|\.dora_scale)$"
)


@dataclass(frozen=True, eq=False)
class LoraFile:
    """A LoRA in canonical keys, with what its header and name say of it."""

    name: str
    tensors: dict[str, torch.Tensor]
    megabytes: float
    task: str
    layout: str | None

    @property
    def ranks(self) -> tuple[int, ...]:
        """The ranks that occur, ascending."""
        downs = ("lora_A.weight", "lora_down.weight", "lora.down.weight", "lora_A")
        return tuple(sorted({t.shape[0] for k, t in self.tensors.items() if k.endswith(downs)}))

    @property
    def alphas(self) -> tuple[float, ...]:
        """The alphas that occur, ascending; none means scale 1."""
        alphas = (float(t) for k, t in self.tensors.items() if k.endswith(".alpha"))
        return tuple(sorted(set(alphas)))


def read_lora(path: str | Path) -> LoraFile:
    """Return the LoRA in a safetensors file; alphas from its header become tensors.

    Raises:
        ValueError: not a safetensors file, a damaged one, or one without any LoRA weight.
    """
    path = Path(path)
    if path.suffix not in (".safetensors", ".sft"):
        raise ValueError(
            f"'{path.name}' is a {path.suffix or 'nameless'} file, but a LoRA must be .safetensors "
            "(others can run code when opened): get the safetensors file of the same LoRA."
        )
    tensors, header = read_safetensors(path)
    tensors = {canonical_key(key): tensor for key, tensor in tensors.items()}
    modules = lora_modules(tensors)
    if not modules:
        example = next(iter(tensors), "nothing")
        raise ValueError(
            f"'{path.name}' holds no LoRA weight (its first key is '{example}'), but lora_A/lora_B "
            "or lora_up/lora_down pairs were expected: choose a LoRA file, not a full model."
        )
    for module, alpha in header_alphas(tensors, header).items():
        tensors.setdefault(f"{module}.alpha", torch.tensor(alpha))
    task, layout = declared_use(path.name, header)
    return LoraFile(path.name, tensors, path.stat().st_size / 1e6, task, layout)


def read_safetensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Return a safetensors file's tensors and its header's metadata.

    Raises:
        ValueError: the file is truncated, or something else under that name.
    """
    try:
        with safe_open(path, framework="pt") as file:
            keys = file.keys()
            return {key: file.get_tensor(key) for key in keys}, file.metadata() or {}
    except SafetensorError as error:
        raise ValueError(
            f"'{path.name}' cannot be read as safetensors ({error}), but a whole file was "
            "expected: the download was cut short or the file was renamed; get it again."
        ) from error


def canonical_key(key: str) -> str:
    """Return a diffusers or PEFT key with its one `transformer.` prefix, others unchanged."""
    key = key.removeprefix("base_model.model.").replace(".default.weight", ".weight")
    if key.startswith(("transformer_blocks.", "single_transformer_blocks.")):
        return f"transformer.{key}"
    if key.startswith(("double_blocks.", "single_blocks.")):
        return f"diffusion_model.{key}"
    return key


def lora_modules(tensors: dict[str, torch.Tensor]) -> set[str]:
    """Return the names of the modules that the keys belong to."""
    matches = (_WEIGHT.match(key) for key in tensors)
    return {match["module"] for match in matches if match}


def header_alphas(tensors: dict[str, torch.Tensor], header: dict[str, str]) -> dict[str, float]:
    """Return each module's alpha as the diffusers header means it, empty without one.

    PEFT scales by alpha / rank, or alpha / sqrt(rank) when `use_rslora`; patterns overrule the
    common alpha. Consumers divide by the rank, so the second form is given times sqrt(rank).
    """
    config = json_object(header.get(DIFFUSERS_KEY))
    prefix = "transformer."
    config = {key.removeprefix(prefix): value for key, value in config.items()}
    if config.get("lora_alpha") is None:
        return {}
    alphas = {}
    for key, tensor in tensors.items():
        if not key.endswith(".lora_A.weight"):
            continue
        module = key.removesuffix(".lora_A.weight")
        alpha = float(config["lora_alpha"])
        for pattern, value in (config.get("alpha_pattern") or {}).items():
            if re.match(rf"(.*\.)?({pattern})$", module.removeprefix(prefix)):
                alpha = float(value)
                break
        alphas[module] = alpha * math.sqrt(tensor.shape[0]) if config.get("use_rslora") else alpha
    return alphas


def declared_use(name: str, header: dict[str, str]) -> tuple[str, str | None]:
    """Return the task and the layout a file declares: our header first, then a published name.

    A file that says nothing has no layout of its own (None).
    """
    ours = json_object(header.get(HEADER_KEY))
    if ours.get("layout") in LAYOUTS:
        return str(ours.get("task", "unknown")), ours["layout"]
    for start, (task, layout) in PUBLISHED.items():
        if name.startswith(start):
            return task, layout
    return "unknown", None


def json_object(text: str | None) -> dict:
    """Return the JSON object in a header entry; anything else counts as empty."""
    try:
        value = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
