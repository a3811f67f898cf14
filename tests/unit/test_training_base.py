"""The base is read at any size, in the original names and in diffusers', and others are refused."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from devtools.bfl import bfl_weights
from devtools.flux import flux_transformer
from training.lora.adapter import add_lora
from training.lora.base import loaded_transformer, rotary_axes, store_as_float8
from training.lora.settings import Settings

SHAPES = {"one head of 64": (1, (8, 28, 28), 1, 2), "three heads of 32": (3, (4, 14, 14), 2, 1)}


@pytest.fixture(scope="module", params=SHAPES.values(), ids=SHAPES)
def transformer(request):
    torch.manual_seed(0)
    return flux_transformer(*request.param)


def original(transformer) -> dict[str, torch.Tensor]:
    return bfl_weights(transformer.state_dict())


def arguments(transformer) -> dict:
    return {name: value for name, value in transformer.config.items() if name[0] != "_"}


FORMS = {
    "original names": original,
    "of a checkpoint": lambda one: {
        "vae.encoder.conv_in.weight": torch.zeros(1),
        **{f"model.diffusion_model.{name}": t for name, t in original(one).items()},
    },
    "diffusers' names": lambda one: one.state_dict(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_file_is_read_by_its_shapes(tmp_path, transformer, form):
    weights = {name: tensor.contiguous() for name, tensor in form(transformer).items()}
    save_file(weights, tmp_path / "base.safetensors")
    read = loaded_transformer(tmp_path / "base.safetensors", torch.float32)
    assert arguments(read) == arguments(transformer)
    assert not any(p.requires_grad for p in read.parameters())
    expected = transformer.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in read.state_dict().items())


@pytest.mark.parametrize("folder", ["", "transformer"])
def test_a_diffusers_folder_is_read(tmp_path, transformer, folder):
    transformer.save_pretrained(tmp_path / folder)
    read = loaded_transformer(tmp_path, torch.float32)
    expected = transformer.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in read.state_dict().items())


def test_flux_1_devs_heads_share_their_width_as_published():
    assert rotary_axes(128) == (16, 56, 56)


def changed(**changes):
    weights = original(flux_transformer(*SHAPES["one head of 64"]))
    return {name: t for name, t in (weights | changes).items() if t is not None}


OTHERS = {
    "Fill": (
        lambda: changed(**{"img_in.weight": torch.zeros(64, 384)}),
        "takes 384 channels a token, but FLUX.1-dev's 64",
    ),
    "schnell": (
        lambda: changed(
            **{
                f"guidance_in.{layer}.{end}": None
                for layer in ("in_layer", "out_layer")
                for end in ("weight", "bias")
            }
        ),
        "has no guidance input",
    ),
    "quantised": (
        lambda: changed(**{"double_blocks.0.img_attn.qkv.scale_weight": torch.ones(1)}),
        "holds quantised weights",
    ),
    "4 bits": (
        lambda: changed(**{"img_in.weight": torch.zeros(64, 32, dtype=torch.uint8)}),
        "holds quantised weights",
    ),
    "a LoRA": (lambda: {"a.lora_A.weight": torch.zeros(1)}, "holds no FLUX.1 transformer"),
    "cut short": (
        lambda: changed(**{"txt_in.bias": None}),
        "is not a whole FLUX.1 transformer",
    ),
}


@pytest.mark.parametrize("weights, sentence", OTHERS.values(), ids=OTHERS)
def test_another_model_is_refused(tmp_path, weights, sentence):
    save_file({k: t.contiguous() for k, t in weights().items()}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError) as error:
        loaded_transformer(tmp_path / "other.safetensors", torch.float32)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("nothing.safetensors", "and nothing is there"),
        ("flux1-dev-Q4.gguf", "GGUF cannot be trained on"),
        ("", "is a folder without a transformer's config.json"),
    ],
    ids=["nothing", "gguf", "an empty folder"],
)
def test_what_is_no_base_is_refused(tmp_path, name, sentence):
    (tmp_path / "flux1-dev-Q4.gguf").touch()
    with pytest.raises(ValueError) as error:
        loaded_transformer(tmp_path / name, torch.float32)
    assert sentence in str(error.value)


def test_float8_halves_the_frozen_matrices_and_computes_nearly_the_same():
    torch.manual_seed(0)
    transformer = flux_transformer(*SHAPES["one head of 64"]).requires_grad_(False)
    add_lora(transformer, Settings(data="set", rank=4))
    inputs = {
        "hidden_states": torch.randn(1, 6, 64),
        "encoder_hidden_states": torch.randn(1, 3, 4096),
        "pooled_projections": torch.randn(1, 768),
        "timestep": torch.tensor([0.5]),
        "guidance": torch.tensor([3.5]),
        "img_ids": torch.rand(6, 3),
        "txt_ids": torch.zeros(3, 3),
    }
    plain = transformer(**inputs).sample
    store_as_float8(transformer)
    stored = [p for name, p in transformer.named_parameters() if "original" in name]
    assert {p.dtype for p in stored} == {torch.float8_e4m3fn}
    narrow = transformer(**inputs).sample
    assert 0 < (narrow - plain).norm() / plain.norm() < 0.1
    narrow.square().mean().backward()
    trained = {n for n, p in transformer.named_parameters() if p.grad is not None}
    assert trained and all("lora_B" in name or "lora_A" in name for name in trained)


def test_a_pattern_that_fits_nothing_is_refused():
    transformer = flux_transformer(*SHAPES["one head of 64"])
    with pytest.raises(ValueError) as error:
        add_lora(transformer, Settings(data="set", modules="nothing"))
    assert "--modules is 'nothing', which fits no module" in str(error.value)
