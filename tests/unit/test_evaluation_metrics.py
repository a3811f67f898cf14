"""The metrics against other people's code and closed forms; networks are small stand-ins."""

from __future__ import annotations

import socket
import urllib.request

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

for package in ("torchmetrics", "lpips", "cleanfid", "pyiqa", "skimage"):
    pytest.importorskip(package, reason=f"{package} is not there: the extras metrics and dev")

from skimage.metrics import structural_similarity  # noqa: E402
from standin_weights import (  # noqa: E402
    CLIP_SIZES,
    put_alexnet,
    put_clip,
    put_inception,
    put_squeezenet,
    put_vgg16,
)

from evaluation import features, scores, weights  # noqa: E402

CPU = "cpu"
WINDOW = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
"""Scikit-image's words for the window of the paper that brought SSIM."""

LUMA = torch.tensor([0.299, 0.587, 0.114])


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Nothing may ask for a connection."""

    def refused(*_, **__):
        raise AssertionError("a download was tried")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(urllib.request, "urlopen", refused)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """An empty hub folder; whatever is put there counts as published."""
    (tmp_path / "checkpoints").mkdir()
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    monkeypatch.setattr(weights, "is_published", lambda path, sha256: True)
    return tmp_path


@pytest.fixture(scope="module")
def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    """Two smooth pictures, and the same with noise: [2,3,208,192]."""
    generator = torch.Generator().manual_seed(0)
    small = torch.rand(2, 3, 13, 12, generator=generator)
    truth = nn.functional.interpolate(small, (208, 192), mode="bicubic").clamp(0, 1)
    noise = torch.randn(truth.shape, generator=generator)
    return (truth + 0.05 * noise).clamp(0, 1), truth


def each(measure, results, truths) -> np.ndarray:
    """Return a measure of pictures [H,W,C] pair by pair."""
    pairs = zip(*(side.permute(0, 2, 3, 1).double().numpy() for side in (results, truths)))
    return np.array([measure(*pair) for pair in pairs])


def test_try_on_ssim_is_scikit_images(pictures):
    """Which leaves a rim of 5 px out of the mean; torchmetrics puts a mirrored one around."""
    expected = each(
        lambda result, truth: structural_similarity(
            *(np.pad(side, ((5, 5), (5, 5), (0, 0)), mode="reflect") for side in (result, truth)),
            data_range=1,
            channel_axis=-1,
            **WINDOW,
        ),
        *pictures,
    )
    got = scores.torchmetrics_ssim(CPU)(*pictures)
    assert 0.3 < expected[0] < 0.95
    assert got.numpy() == pytest.approx(expected, abs=1e-4)


def test_try_off_ssim_is_scikit_images_of_the_luma(pictures):
    expected = each(
        lambda result, truth: structural_similarity(
            255 * result @ LUMA.numpy(), 255 * truth @ LUMA.numpy(), data_range=255, **WINDOW
        ),
        *pictures,
    )
    got = scores.pyiqa_metric("ssim")(CPU)(*pictures)
    assert got.numpy() == pytest.approx(expected, abs=2e-3)


def test_ms_ssim_is_torchmetrics(pictures):
    from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

    lumas = [torch.einsum("bchw,c->bhw", side, LUMA)[:, None] for side in pictures]
    expected = multiscale_structural_similarity_index_measure(
        *lumas, data_range=1.0, reduction="none"
    )
    got = scores.pyiqa_metric("ms_ssim")(CPU)(*pictures)
    assert got.numpy() == pytest.approx(expected.numpy(), abs=0.02)


def test_cw_ssim_forgives_a_small_shift(pictures):
    """As the paper that brought it says: a picture moved by a pixel is nearly the same."""
    result, truth = pictures
    cw_ssim = scores.pyiqa_metric("cw_ssim")(CPU)
    of_the_same, of_noisy, of_moved, of_another = (
        cw_ssim(other, truth).numpy()
        for other in (truth, result, truth.roll(1, dims=-1), truth.flip(0))
    )
    assert of_the_same == pytest.approx([1, 1])
    assert (of_noisy < 1).all()
    assert (of_moved > 0.95).all()
    assert (of_another < 0.8).all()


def test_lpips_is_torchmetrics(hub, pictures):
    from torchmetrics.functional.image import learned_perceptual_image_patch_similarity as lpips

    put_squeezenet(hub)
    result, truth = pictures
    got = scores.lpips_squeeze(CPU)(result, truth)
    expected = [
        lpips(2 * one - 1, 2 * other - 1, net_type="squeeze").item()
        for one, other in zip(result.split(1), truth.split(1))
    ]
    assert got.tolist() == pytest.approx(expected, rel=1e-4)
    assert expected[0] > 1e-4


def test_pyiqas_lpips_is_torchmetrics(hub, pictures):
    from torchmetrics.functional.image import learned_perceptual_image_patch_similarity as lpips

    put_alexnet(hub)
    result, truth = pictures
    got = scores.pyiqa_lpips(CPU)(result, truth)
    expected = [
        lpips(2 * one - 1, 2 * other - 1, net_type="alex").item()
        for one, other in zip(result.split(1), truth.split(1))
    ]
    assert got.tolist() == pytest.approx(expected, rel=1e-4)
    assert expected[0] > 1e-4


def test_dists_is_pyiqas(hub, pictures):
    from torchmetrics.functional.image.dists import _PATH_WEIGHT_DISTS

    put_vgg16(hub)
    authors = {"pretrained_model_path": str(_PATH_WEIGHT_DISTS)}
    small = [side[..., :64, :64] for side in pictures]
    got = scores.dists(CPU)(*small)
    expected = scores.pyiqa_metric("dists", **authors)(CPU)(*small)
    assert got.tolist() == pytest.approx(expected.tolist(), rel=1e-4)
    assert scores.dists(CPU)(*(side[:1] for side in small)).tolist() == pytest.approx(
        expected[:1].tolist(), rel=1e-4
    )


def saved(picture: np.ndarray, path):
    Image.fromarray(picture).save(path)
    return path


def random_pictures(tmp_path, count: int, size: tuple[int, int] = (40, 30)) -> list:
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, 256, (count, 5, 4, 3), np.uint8)
    large = [np.asarray(Image.fromarray(one).resize(size, Image.BICUBIC)) for one in drawn]
    return [saved(one, tmp_path / f"{number}.png") for number, one in enumerate(large)]


def test_inceptions_features_are_of_the_clean_resize(hub):
    put_inception(hub)
    files = random_pictures(hub, 3)
    got = features.inception(CPU)(files)
    expected = [
        [
            np.asarray(
                Image.open(file).getchannel(colour).convert("F").resize((299, 299), Image.BICUBIC)
            )
            .clip(0, 255)
            .mean()
            / 128
            - 1
            for colour in range(3)
        ]
        for file in files
    ]
    assert got.shape == (3, 2048)
    assert got[:, :3] == pytest.approx(np.array(expected), abs=1e-4)


def test_clips_features_are_transformers(hub):
    transformers = pytest.importorskip("transformers")
    state = put_clip(hub)
    files = random_pictures(hub, 2)
    got = features.clip(CPU)(files)

    config = transformers.CLIPVisionConfig(
        hidden_size=64,
        intermediate_size=256,
        projection_dim=CLIP_SIZES["embed_dim"],
        num_hidden_layers=1,
        num_attention_heads=1,
        hidden_act="quick_gelu",
    )
    model = transformers.CLIPVisionModelWithProjection(config).eval()
    missing, unexpected = model.load_state_dict(transformers_names(state), strict=False)
    assert [name for name in missing if "position_ids" not in name] == unexpected == []
    prepare = transformers.CLIPImageProcessor()
    pixels = prepare([Image.open(file) for file in files], return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        expected = model(pixel_values=pixels).image_embeds
    assert got == pytest.approx(expected.numpy(), abs=2e-3)


def transformers_names(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return OpenAI's vision weights under transformers' names."""
    names = {
        "conv1": "embeddings.patch_embedding",
        "class_embedding": "embeddings.class_embedding",
        "positional_embedding": "embeddings.position_embedding.weight",
        "ln_pre": "pre_layrnorm",
        "ln_post": "post_layernorm",
        "transformer.resblocks": "encoder.layers",
        "ln_1": "layer_norm1",
        "ln_2": "layer_norm2",
        "attn.out_proj": "self_attn.out_proj",
        "mlp.c_fc": "mlp.fc1",
        "mlp.c_proj": "mlp.fc2",
    }
    renamed = {"visual_projection.weight": state["visual.proj"].T}
    for name, weight in state.items():
        if not name.startswith("visual.") or name == "visual.proj":
            continue
        name = name.removeprefix("visual.")
        for old, new in names.items():
            name = name.replace(old, new)
        if "in_proj_" in name:
            for part, piece in zip("qkv", weight.chunk(3)):
                one = name.replace("attn.in_proj_", f"self_attn.{part}_proj.")
                renamed[f"vision_model.{one}"] = piece
        else:
            renamed[f"vision_model.{name}"] = weight
    return renamed


def test_the_frechet_distance_has_its_closed_form():
    """Moved by v and stretched by s about its mean: |v|^2 + (1 - s)^2 tr(C)."""
    one = np.random.default_rng(0).normal(size=(400, 5)) * [1, 2, 3, 4, 5]
    moved = one.mean(0) + 0.7 * (one - one.mean(0)) + [1, 0, 0, 2, 0]
    expected = 5 + 0.3**2 * np.trace(np.cov(one, rowvar=False))
    assert features.frechet_distance(moved, one) == pytest.approx(expected, rel=1e-6)
    assert features.frechet_distance(one, one) == pytest.approx(0, abs=1e-6)


def test_the_kernel_distance_is_the_unbiased_estimate():
    """Of the sets as a whole, for a subset takes 1000 and there are fewer."""
    rng = np.random.default_rng(0)
    results, truths = rng.normal(size=(9, 4)), rng.normal(0.5, 1, size=(9, 4))

    def kernel(one, other) -> float:
        return (one @ other / 4 + 1) ** 3

    def within(these) -> float:
        return np.mean([kernel(a, b) for i, a in enumerate(these) for j, b in enumerate(these)
                        if i != j])  # fmt: skip

    across = np.mean([kernel(a, b) for a in results for b in truths])
    expected = 1000 * (within(results) + within(truths) - 2 * across)
    assert features.kernel_distance_x1000(results, truths) == pytest.approx(expected, rel=1e-6)


def test_the_kernel_distances_subsets_are_the_same_each_time():
    rng = np.random.default_rng(0)
    results, truths = rng.normal(size=(20, 4)), rng.normal(size=(12, 4))
    once, again = (features.kernel_distance_x1000(results, truths) for _ in range(2))
    assert once == again


NETWORKS = [
    pytest.param(known, id=known.network)
    for known in (
        *(weights.SQUEEZENET, weights.ALEXNET, weights.VGG16),
        *(weights.INCEPTION, weights.CLIP),
    )
]


@pytest.mark.parametrize("known", NETWORKS)
def test_missing_weights_are_named_with_their_place(known, hub):
    with pytest.raises(weights.MissingWeightsError) as error:
        known.path()
    said = str(error.value)
    assert str(hub / "checkpoints" / known.file) in said
    assert known.url in said and "--weights" in said


def test_other_weights_than_the_published_ones_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / weights.SQUEEZENET.file).write_bytes(b"half a file")
    with pytest.raises(weights.MissingWeightsError, match="SHA-256 begins with b8a52dc0"):
        weights.SQUEEZENET.path()


def test_the_published_files_are_the_libraries_own():
    from torchvision.models import AlexNet_Weights, SqueezeNet1_1_Weights, VGG16_Weights

    ours = [weights.SQUEEZENET, weights.ALEXNET, weights.VGG16]
    theirs = [SqueezeNet1_1_Weights, AlexNet_Weights, VGG16_Weights]
    assert [known.url for known in ours] == [one.IMAGENET1K_V1.url for one in theirs]
    assert weights.INCEPTION.url == inception_url()


def inception_url() -> str:
    from cleanfid.downloads_helper import inception_url

    return inception_url
