"""The small models that the integration tests share."""

from __future__ import annotations

import pytest
from small_flux import model_patcher, random_transformer, random_vae

from devtools.bfl import bfl_weights


@pytest.fixture(scope="session")
def transformer(comfy):
    """diffusers' side: the oracle's transformer."""
    return random_transformer()


@pytest.fixture(scope="session")
def model(transformer):
    """ComfyUI's side: a MODEL with the same weights."""
    return model_patcher(bfl_weights(transformer.state_dict()))


@pytest.fixture(scope="session")
def vae(comfy):
    """A 16-channel, 8x autoencoder of random weights."""
    return random_vae()


@pytest.fixture
def loras(comfy, tmp_path):
    """A folder that ComfyUI lists under `loras`."""
    import folder_paths

    folder_paths.add_model_folder_path("loras", str(tmp_path))
    yield tmp_path
    folder_paths.folder_names_and_paths["loras"][0].remove(str(tmp_path))
