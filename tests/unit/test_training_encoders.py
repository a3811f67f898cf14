"""Autoencoders and text encoders give what their makers' classes give; encodings are kept."""

from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file
from training_sets import write_set
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from any2any_core.geometry import Size
from any2any_core.triple_folder import folder_triples
from training.autoencoder import Autoencoder
from training.lora.autoencoders import loaded_autoencoder
from training.lora.encoded import Cache
from training.lora.examples import Example
from training.lora.texts import clip_config, t5_config, texts_of_files, with_weights

LDM_NAMES = (
    ("down_blocks.{i}.resnets.", "down.{i}.block."),
    ("down_blocks.{i}.downsamplers.0.", "down.{i}.downsample."),
    ("up_blocks.{r}.resnets.", "up.{i}.block."),
    ("up_blocks.{r}.upsamplers.0.", "up.{i}.upsample."),
)
PLAIN = (
    ("mid_block.resnets.0.", "mid.block_1."),
    ("mid_block.resnets.1.", "mid.block_2."),
    ("mid_block.attentions.0.group_norm.", "mid.attn_1.norm."),
    ("mid_block.attentions.0.to_q.", "mid.attn_1.q."),
    ("mid_block.attentions.0.to_k.", "mid.attn_1.k."),
    ("mid_block.attentions.0.to_v.", "mid.attn_1.v."),
    ("mid_block.attentions.0.to_out.0.", "mid.attn_1.proj_out."),
    ("conv_shortcut.", "nin_shortcut."),
    ("conv_norm_out.", "norm_out."),
)
LEVELS = 4


def original_names(vae: AutoencoderKL) -> dict[str, torch.Tensor]:
    """Return an autoencoder's weights as ae.safetensors has them: attention as 1x1 convolutions."""
    weights = {}
    for name, weight in vae.state_dict().items():
        for i in range(LEVELS):
            for ours, theirs in LDM_NAMES:
                name = name.replace(ours.format(i=i, r=LEVELS - 1 - i), theirs.format(i=i))
        for ours, theirs in PLAIN:
            name = name.replace(ours, theirs)
        attention = "attn_1" in name and name.endswith("weight") and "norm" not in name
        weights[name] = (weight[..., None, None] if attention else weight).contiguous()
    return weights


@pytest.fixture(scope="module")
def small_vae():
    torch.manual_seed(0)
    return AutoencoderKL(
        block_out_channels=(32, 32, 64, 64),
        down_block_types=("DownEncoderBlock2D",) * LEVELS,
        up_block_types=("UpDecoderBlock2D",) * LEVELS,
        layers_per_block=2,
        latent_channels=16,
        use_quant_conv=False,
        use_post_quant_conv=False,
    ).eval()


@pytest.mark.parametrize("form", ["file", "folder"])
def test_flux_1s_autoencoder_is_diffusers(tmp_path, small_vae, form):
    if form == "file":
        save_file(original_names(small_vae), tmp_path / "ae.safetensors")
    else:
        small_vae.save_pretrained(tmp_path / "vae")
    read = loaded_autoencoder(tmp_path / "ae.safetensors" if form == "file" else tmp_path)
    pictures = torch.rand(1, 3, 32, 48)
    with torch.no_grad():
        latents = read.encode(pictures)
        mode = small_vae.encode(pictures * 2 - 1).latent_dist.mode()
        torch.testing.assert_close(latents, (mode - 0.1159) * 0.3611)
        decoded = small_vae.decode(mode).sample / 2 + 0.5
        torch.testing.assert_close(read.decode(latents), decoded, rtol=1e-4, atol=1e-4)


def test_the_small_autoencoder_is_the_demos(tmp_path):
    torch.manual_seed(0)
    module = Autoencoder()
    save_file({k: w.half() for k, w in module.state_dict().items()}, tmp_path / "vae.safetensors")
    pictures = torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        expected = module.half().float().encode(pictures)
        read = loaded_autoencoder(tmp_path / "vae.safetensors").encode(pictures)
    torch.testing.assert_close(read, expected)


@pytest.mark.parametrize(
    "weights, sentence",
    [
        (None, "but nothing is there"),
        ({"a": torch.zeros(1)}, "is no autoencoder"),
        ("4 channels", "has 4 latent channels"),
    ],
    ids=["nothing", "another file", "SD's"],
)
def test_another_autoencoder_is_refused(tmp_path, small_vae, weights, sentence):
    path = tmp_path / "ae.safetensors"
    if weights == "4 channels":
        weights = original_names(small_vae)
        weights["decoder.conv_in.weight"] = weights["decoder.conv_in.weight"][:, :4].contiguous()
    if weights:
        save_file(weights, path)
    with pytest.raises(ValueError) as error:
        loaded_autoencoder(path)
    assert sentence in str(error.value)


def test_clip_of_a_file_is_transformers(tmp_path):
    torch.manual_seed(0)
    config = CLIPTextConfig(
        vocab_size=50,
        hidden_size=128,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=12,
        hidden_act="quick_gelu",
        eos_token_id=49,
    )
    source = CLIPTextModel(config).eval()
    weights = {name.removeprefix("clip."): t for name, t in source.state_dict().items()}
    weights = {
        name if name.startswith("text_model.") else f"text_model.{name}": tensor
        for name, tensor in weights.items()
    }
    read = with_weights(CLIPTextModel, clip_config(weights), weights, torch.float32)
    ids = torch.tensor([[1, 2, 3, 49, 49]])
    read.config.eos_token_id = read.eos_token_id = 49
    with torch.no_grad():
        torch.testing.assert_close(
            read(ids).last_hidden_state, source(ids).last_hidden_state, rtol=1e-5, atol=1e-5
        )


def test_t5_of_a_file_is_transformers():
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=50,
        d_model=32,
        d_kv=8,
        d_ff=48,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
    )
    source = T5EncoderModel(config).eval()
    weights = {n: t for n, t in source.state_dict().items() if n != "encoder.embed_tokens.weight"}
    read = with_weights(T5EncoderModel, t5_config(weights), weights, torch.float32)
    ids = torch.tensor([[1, 2, 3, 4, 0, 0]])
    with torch.no_grad():
        torch.testing.assert_close(read(ids).last_hidden_state, source(ids).last_hidden_state)


def test_text_files_need_comfyuis_tokenizers(tmp_path, monkeypatch):
    monkeypatch.delenv("COMFYUI_PATH", raising=False)
    with pytest.raises(ValueError, match="COMFYUI_PATH is ''"):
        texts_of_files(tmp_path, tmp_path, 512, torch.float32, torch.device("cpu"))


class Counted:
    """An autoencoder that counts what it encodes."""

    def __init__(self):
        self.widths = []

    def __call__(self):
        return self

    def to(self, device):
        return self

    def encode(self, pictures):
        self.widths.append(pictures.shape[-1])
        return pictures.mean(1, keepdim=True)[..., ::8, ::8].expand(-1, 16, -1, -1)


def told(done, count):
    assert done <= count


@pytest.mark.parametrize(
    "together, widths", [(True, [96, 48]), (False, [48, 48, 48])], ids=["together", "separately"]
)
def test_pictures_are_encoded_once(tmp_path, together, widths):
    (triple,) = folder_triples(write_set(tmp_path / "set", 1))
    example = Example(triple, Size(48, 64))
    cache = Cache(tmp_path / "encoded", together, "vae", "texts")
    autoencoder = Counted()
    cache.encode_pictures([example, example], autoencoder, "cpu", told)
    cache.encode_pictures([example], autoencoder, "cpu", told)
    assert autoencoder.widths == widths
    target, person, garment = cache.latents(example)
    assert target.shape == person.shape == garment.shape == (16, 8, 6)


def test_another_picture_of_the_same_name_is_encoded_anew(tmp_path):
    write_set(tmp_path / "set", 2)
    (triple, _) = folder_triples(tmp_path / "set")
    cache = Cache(tmp_path / "encoded", True, "vae", "texts")
    before = cache.latents_path(Example(triple, Size(48, 64)))
    picture = tmp_path / "set" / "target" / "00.png"
    picture.write_bytes((tmp_path / "set" / "target" / "01.png").read_bytes())
    (triple, _) = folder_triples(tmp_path / "set")
    after = cache.latents_path(Example(triple, Size(48, 64)))
    assert before != after


def test_two_sizes_are_two_encodings(tmp_path):
    (triple,) = folder_triples(write_set(tmp_path / "set", 1))
    cache = Cache(tmp_path / "encoded", True, "vae", "texts")
    sizes = (Size(48, 64), Size(64, 48))
    assert len({cache.latents_path(Example(triple, size)) for size in sizes}) == 2
