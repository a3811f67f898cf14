"""The LoRA on the frozen transformer, its optimizer and its average, all by libraries."""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel, cast_training_params
from peft import LoraConfig

from .modules import MODULES
from .settings import Settings


def add_lora(transformer: FluxTransformer2DModel, settings: Settings) -> None:
    """Put an untrained LoRA on the transformer, in float32; its A is drawn from the seed.

    Raises:
        ValueError: the pattern fits no module.
    """
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.scale_alpha,
        target_modules=MODULES.get(settings.modules, settings.modules),
    )
    torch.manual_seed(settings.seed)
    try:
        transformer.add_adapter(config)
    except ValueError as error:
        raise ValueError(
            f"--modules is '{settings.modules}', which fits no module of the transformer, but "
            f"{' or '.join(MODULES)} or a pattern such as '.*attn.to_q' was expected."
        ) from error
    cast_training_params(transformer, torch.float32)


def lora_parameters(transformer: FluxTransformer2DModel) -> dict[str, torch.nn.Parameter]:
    """Return what is trained, by name."""
    return {name: p for name, p in transformer.named_parameters() if p.requires_grad}


def made_optimizer(parameters, settings: Settings) -> torch.optim.Optimizer:
    """Return AdamW, with 8-bit moments where asked for.

    Raises:
        ValueError: bitsandbytes is asked for and not there.
    """
    options = {"lr": settings.rate, "weight_decay": settings.weight_decay}
    if settings.optimizer == "adamw":
        return torch.optim.AdamW(parameters, **options)
    try:
        from bitsandbytes.optim import AdamW8bit
    except ImportError as error:
        raise ValueError(
            "--optimizer is adamw8bit, but bitsandbytes is not installed in this Python: "
            "`python -m pip install bitsandbytes`, or take adamw."
        ) from error
    return AdamW8bit(parameters, **options)


def made_schedule(optimizer: torch.optim.Optimizer, settings: Settings):
    """Return diffusers' schedule of the rate."""
    kind = {"constant": "constant_with_warmup"}.get(settings.schedule, settings.schedule)
    return get_scheduler(
        kind,
        optimizer,
        num_warmup_steps=settings.warmup,
        num_training_steps=settings.steps,
    )


def made_average(parameters, settings: Settings) -> EMAModel | None:
    """Return the average of the weights, which starts short and lengthens to `ema`."""
    return EMAModel(parameters, decay=settings.ema) if settings.ema else None
