"""Which files a run reads: the base's own autoencoder and text encoders, or those named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from .encoded import file_key
from .settings import Settings
from .sizes import PUBLISHED
from .texts import DemoTexts, Texts, texts_of_files, texts_of_folder

DEMO = Path(__file__).resolve().parents[2] / "demo"
DEMO_NAME = "demo"
DEMO_BASE = DEMO / "diffusion_models" / "any2any_demo_base.safetensors"
DEMO_SIZE = "144x192"


@dataclass(frozen=True, eq=False)
class Files:
    """The transformer, its autoencoder, its text encoders, and the sizes that it knows."""

    transformer: Path
    autoencoder: Path
    texts: Callable[[torch.device], Texts]
    texts_key: str
    sizes: str


def files_of(settings: Settings) -> Files:
    """Return the files.

    Raises:
        ValueError: the base is a single file, and one of the others is not named.
    """
    demo = settings.base == DEMO_NAME
    base = DEMO_BASE if demo else Path(settings.base)
    pipeline = base if (base / "vae").is_dir() and (base / "text_encoder_2").is_dir() else None
    if settings.vae:
        autoencoder = Path(settings.vae)
    elif demo:
        autoencoder = DEMO / "vae" / "any2any_demo_vae.safetensors"
    elif pipeline:
        autoencoder = pipeline / "vae"
    else:
        raise ValueError(
            f"--base is '{base.name}', which brings no VAE along, but one was expected: give --vae "
            "ae.safetensors."
        )
    sizes = settings.sizes or (DEMO_SIZE if demo else PUBLISHED)
    return Files(base, autoencoder, *texts_of(settings, demo, pipeline), sizes)


def texts_of(settings: Settings, demo: bool, pipeline: Path | None):
    """Return what loads the text encoders on a device, and what stands for them in the cache."""
    tokens = settings.text_tokens
    # without a GPU bfloat16 is not faster everywhere, and texts are encoded once
    dtypes = {"cpu": torch.float32}

    def dtype(device: torch.device) -> torch.dtype:
        return dtypes.get(device.type, torch.bfloat16)

    if settings.clip and settings.t5:
        clip, t5 = Path(settings.clip), Path(settings.t5)
        key = f"{file_key(clip)} {file_key(t5)} {tokens}"
        return lambda device: texts_of_files(clip, t5, tokens, dtype(device), device), key
    if demo:
        path = DEMO / "text_encoders" / "any2any_demo_text.safetensors"
        return lambda device: DemoTexts(path), file_key(path)
    if pipeline:
        keys = [file_key(pipeline / name) for name in ("text_encoder", "text_encoder_2")]
        key = f"{' '.join(keys)} {tokens}"
        return lambda device: texts_of_folder(pipeline, tokens, dtype(device), device), key
    raise ValueError(
        "The text encoders are not named, but two were expected: give --clip clip_l.safetensors "
        "and --t5 t5xxl_fp16.safetensors, or --base a whole diffusers folder."
    )
