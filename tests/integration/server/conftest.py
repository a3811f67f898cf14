"""A stand-in for FLUX.1-dev, and photos to dress."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from photos import Photos
from safetensors.torch import load_file, save_file
from standin import STANDIN, standin_transformer

from devtools.bfl import bfl_weights
from devtools.comfyui import ROOT, Server


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real photos and of taef1."""
    given = os.environ.get("ANY2ANY_REAL")
    for folder in [Path(given)] if given else [ROOT / "shared/real", ROOT.parent / "shared/real"]:
        if (folder / "taef1").is_dir():
            return folder
    pytest.skip("no real photos: set ANY2ANY_REAL to a folder with person/, garment/ and taef1/")


@pytest.fixture(scope="session")
def photos(real: Path, server: Server) -> Photos:
    """Real photos, cut to cases and put among the server's inputs."""
    return Photos(real, server.base / "input")


@pytest.fixture(scope="session")
def transformer() -> torch.nn.Module:
    """The oracle's side of the stand-in."""
    return standin_transformer()


@pytest.fixture(scope="session")
def standin(real: Path, server: Server, transformer: torch.nn.Module) -> Iterator[str]:
    """The server's side: the file's name for UNETLoader; taef1 lies beside it for VAELoader."""
    folder = server.base / "models" / "diffusion_models"
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: weight.bfloat16() for name, weight in bfl_weights(transformer.state_dict()).items()
    }
    save_file(weights, folder / STANDIN)
    shutil.copytree(real / "taef1", server.base / "models" / "vae_approx", dirs_exist_ok=True)
    yield STANDIN
    (folder / STANDIN).unlink()  # a gigabyte


@pytest.fixture(scope="session")
def taef1(comfy, real: Path):
    """The oracle's autoencoder, as the stock VAELoader puts it together."""
    weights = {
        f"taesd_{part}.{name}": weight
        for part in ("encoder", "decoder")
        for name, weight in load_file(real / "taef1" / f"taef1_{part}.safetensors").items()
    }
    scale = {"vae_scale": torch.tensor(0.3611), "vae_shift": torch.tensor(0.1159)}
    return comfy.sd.VAE(sd=weights | scale)
