"""LoRA files: keys, alphas and headers, and files that must not be trusted."""

import json

import pytest
import torch
from safetensors.torch import save_file

from any2any_core.lora import canonical_key, read_lora

MODULE = "transformer.transformer_blocks.0.attn.to_q"


def written(folder, name="style.safetensors", module=MODULE, header=None, **extra):
    tensors = {
        f"{module}.lora_A.weight": torch.ones(4, 8),
        f"{module}.lora_B.weight": torch.ones(8, 4),
        **extra,
    }
    path = folder / name
    save_file(tensors, path, metadata=header)
    return path


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (f"{MODULE}.lora_A.weight", f"{MODULE}.lora_A.weight"),
        ("transformer_blocks.0.attn.to_q.lora_A.weight", f"{MODULE}.lora_A.weight"),
        (
            "base_model.model.transformer_blocks.0.attn.to_q.lora_A.default.weight",
            f"{MODULE}.lora_A.weight",
        ),
        (
            "single_blocks.3.linear1.lora_A.weight",
            "diffusion_model.single_blocks.3.linear1.lora_A.weight",
        ),
        (
            "lora_unet_single_blocks_3_linear1.lora_up.weight",
            "lora_unet_single_blocks_3_linear1.lora_up.weight",
        ),
    ],
    ids=["published", "no-prefix", "peft", "bfl", "kohya"],
)
def test_keys_get_one_form(key, expected):
    assert canonical_key(key) == expected


@pytest.mark.parametrize(
    ("config", "alpha"),
    [
        pytest.param({}, None, id="no-header"),
        pytest.param({"transformer.lora_alpha": 8, "transformer.r": 4}, 8, id="alpha"),
        pytest.param(
            {"transformer.lora_alpha": 8, "transformer.alpha_pattern": {"attn.to_q": 2}},
            2,
            id="pattern",
        ),
        pytest.param(
            {"transformer.lora_alpha": 8, "transformer.use_rslora": True}, 16, id="rslora"
        ),
    ],
)
def test_alpha_from_the_header(tmp_path, config, alpha):
    header = {"lora_adapter_metadata": json.dumps(config)} if config else None
    lora = read_lora(written(tmp_path, header=header))
    assert lora.alphas == (() if alpha is None else (alpha,))
    assert lora.ranks == (4,)


def test_an_alpha_tensor_overrules_the_header(tmp_path):
    header = {"lora_adapter_metadata": json.dumps({"transformer.lora_alpha": 8})}
    path = written(tmp_path, header=header, **{f"{MODULE}.alpha": torch.tensor(3.0)})
    assert read_lora(path).alphas == (3.0,)


@pytest.mark.parametrize(
    ("name", "header", "task", "layout"),
    [
        ("dev_lora_any2any_alltasks.safetensors", None, "all tasks", "any2any"),
        ("dev_lora_tryon_vitonhd_512.safetensors", None, "vitonhd", "vitonhd"),
        ("style.safetensors", None, "unknown", None),
        (
            "dev_lora_tryon_vitonhd_512.safetensors",
            {"any2any": json.dumps({"task": "try-on", "layout": "any2any"})},
            "try-on",
            "any2any",
        ),
        ("style.safetensors", {"any2any": "not json"}, "unknown", None),
        (
            "style.safetensors",
            {"any2any": json.dumps({"layout": "isolated"})},
            "unknown",
            "isolated",
        ),
    ],
    ids=["published", "published-vitonhd", "no-say", "header-first", "damaged-header", "isolated"],
)
def test_what_a_file_is_for(tmp_path, name, header, task, layout):
    lora = read_lora(written(tmp_path, name, header=header))
    assert (lora.task, lora.layout) == (task, layout)


def test_a_pickle_is_refused_unopened(tmp_path):
    path = tmp_path / "style.pt"
    torch.save({"x": torch.ones(1)}, path)
    with pytest.raises(ValueError, match=r"style.pt.*must be .safetensors"):
        read_lora(path)


@pytest.mark.parametrize("kept", [0, 5, 100], ids=["empty", "no-header", "truncated"])
def test_a_damaged_file_is_refused(tmp_path, kept):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"cannot be read as safetensors.*get it again"):
        read_lora(path)


def test_a_pickle_under_a_false_name_is_refused(tmp_path):
    path = tmp_path / "style.safetensors"
    torch.save({"x": torch.ones(1)}, path)
    with pytest.raises(ValueError, match=r"cannot be read as safetensors"):
        read_lora(path)


def test_a_full_model_is_no_lora(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"img_in.weight": torch.ones(2, 2)}, path)
    with pytest.raises(ValueError, match=r"no LoRA weight.*img_in.weight"):
        read_lora(path)
