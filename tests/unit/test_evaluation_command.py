"""`python dev.py evaluate` on paper dolls, from a list of pairs to the table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageFilter

for package in ("torchmetrics", "lpips", "cleanfid", "pyiqa"):
    pytest.importorskip(package, reason=f"{package} is not there: the extra metrics")

from standin_weights import (  # noqa: E402
    put_alexnet,
    put_clip,
    put_inception,
    put_squeezenet,
    put_vgg16,
)

from any2any_core.geometry import Size  # noqa: E402
from evaluation import features, protocol, scores, weights  # noqa: E402
from evaluation.__main__ import main  # noqa: E402
from training.dolls.pictures import drawn_triple  # noqa: E402

SEED, COUNT = 9_600_000, 3


@pytest.fixture(scope="module")
def dolls(tmp_path_factory) -> Path:
    """A test set as VITON-HD's, with blurred pictures for results."""
    base = tmp_path_factory.mktemp("dolls")
    for folder in ("image", "cloth", "tried_on", "taken_off"):
        (base / folder).mkdir()
    lines = []
    for number in range(COUNT):
        triple, name = drawn_triple(SEED + number), f"{number:05}_00"
        for truth, results, picture in (
            ("image", "tried_on", triple.target.rgb),
            ("cloth", "taken_off", triple.flat.rgb),
        ):
            drawn = Image.fromarray(picture)
            drawn.resize((288, 384)).save(base / truth / f"{name}.jpg")
            drawn.filter(ImageFilter.GaussianBlur(1)).save(base / results / f"{name}.png")
        lines.append(f"{name}.jpg {(number + 1) % COUNT:05}_00.jpg\n")
    (base / "test_pairs.txt").write_text("".join(lines))
    return base


@pytest.fixture
def evaluate(dolls, tmp_path, monkeypatch):
    """Run the command; return the JSON report's numbers by their metrics' names."""
    monkeypatch.setattr(protocol, "TRY_OFF_SIZE", Size(width=192, height=256))
    monkeypatch.setattr(protocol, "DISTS_SIZE", Size(width=48, height=64))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)  # --weights sets it

    def run(results: str, truth: str, *words: str) -> dict[str, float | None]:
        report = tmp_path / "report.json"
        main(
            [
                *("--pairs", str(dolls / "test_pairs.txt")),
                *("--results", str(dolls / results), "--truth", str(dolls / truth)),
                *("--work", str(tmp_path / "work"), "--weights", str(tmp_path / "hub")),
                *("--output", str(report), "--device", "cpu"),
                *words,
            ]
        )
        metrics = json.loads(report.read_text())["metrics"]
        return {name: metric["value"] for name, metric in metrics.items()}

    return run


def test_what_needs_no_network_is_computed_and_the_rest_named(evaluate, tmp_path, capsys):
    tried_on = evaluate("tried_on", "image")
    assert list(tried_on) == ["SSIM", "LPIPS", "FID", "KID"]
    assert 0.8 < tried_on["SSIM"] < 0.99
    assert [name for name, value in tried_on.items() if value is None] == ["LPIPS", "FID", "KID"]
    printed = capsys.readouterr().out
    assert printed.startswith("try-on, paired: 3 pairs, results 144x192\n")
    assert f"Without FID and KID: Inception-v3's weights were expected in {tmp_path}" in printed


def test_the_published_number_is_of_the_setting(evaluate, capsys):
    assert list(evaluate("tried_on", "image", "--unpaired")) == ["FID", "KID"]
    assert "8.965" in capsys.readouterr().out


def test_a_garment_taken_off_has_the_other_tables_metrics(evaluate):
    taken_off = evaluate("taken_off", "cloth", "--task", "try-off")
    assert list(taken_off) == [
        *("SSIM", "MS-SSIM", "CW-SSIM", "LPIPS"),
        *("FID", "CLIP-FID", "KID", "DISTS"),
    ]
    similar = [taken_off[name] for name in ("SSIM", "MS-SSIM", "CW-SSIM")]
    assert all(0.5 < value < 1 for value in similar), similar


def test_the_same_command_computes_nothing_twice(evaluate, monkeypatch):
    once = evaluate("tried_on", "image")

    def refused(device: str):
        raise AssertionError("computed again")

    monkeypatch.setattr(scores, "torchmetrics_ssim", refused)
    assert evaluate("tried_on", "image") == once


def test_it_goes_on_where_it_was_stopped(evaluate, monkeypatch):
    monkeypatch.setattr(protocol, "CHUNK", 1)
    whole, seen = scores.torchmetrics_ssim, []

    def stops_at_the_second(device: str):
        def scored(result, truth):
            seen.append(1)
            if len(seen) == 2:
                raise KeyboardInterrupt
            return whole(device)(result, truth)

        return scored

    monkeypatch.setattr(scores, "torchmetrics_ssim", stops_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        evaluate("tried_on", "image")
    assert evaluate("tried_on", "image")["SSIM"] > 0.8
    assert len(seen) == 2 + (COUNT - 1)


def test_a_part_of_the_set_is_refused_unless_it_is_asked_for(evaluate, dolls, tmp_path, capsys):
    folder = dolls / "cut_short"
    folder.mkdir()
    for number in range(COUNT - 1):
        name = f"{number:05}_00.png"
        (folder / name).write_bytes((dolls / "tried_on" / name).read_bytes())
    with pytest.raises(SystemExit) as stopped:
        evaluate("cut_short", "image")
    assert "1 pictures of 3 pairs cannot be compared" in str(stopped.value)
    assert f"{folder / '00002_00'}.*: missing\n" in capsys.readouterr().err
    assert evaluate("cut_short", "image", "--partial")["SSIM"] > 0.8
    assert "1 pairs of the list are missing" in capsys.readouterr().out


WORDS = {
    "no folder": (["--results", "nowhere"], "nowhere is no folder"),
    "no list": (["--pairs", "nowhere.txt"], "nowhere.txt cannot be read"),
    "unknown form": (["--output", "report.pdf"], "report.pdf ends with none of .md, .json"),
    "unpaired garments": (["--unpaired", "--task", "try-off"], "--unpaired is for try-on"),
}


@pytest.mark.parametrize("words, said", WORDS.values(), ids=WORDS)
def test_wrong_words_are_named(evaluate, capsys, words, said):
    with pytest.raises(SystemExit) as stopped:
        evaluate("tried_on", "image", *words)
    assert said in f"{stopped.value} {capsys.readouterr().err}"


@pytest.mark.slow  # AlexNet and VGG-16 in their full size
def test_every_metric_comes_with_all_networks(evaluate, tmp_path, monkeypatch):
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    for put in (put_squeezenet, put_alexnet, put_vgg16, put_inception, put_clip):
        put(tmp_path / "hub")
    monkeypatch.setattr(weights, "is_published", lambda path, sha256: True)
    inception = features.inception  # the root of a 2048x2048 matrix would take half a minute
    monkeypatch.setattr(
        features, "inception", lambda device: lambda files: inception(device)(files)[:, :8]
    )
    tried_on = evaluate("tried_on", "image")
    taken_off = evaluate("taken_off", "cloth", "--task", "try-off")
    assert None not in [*tried_on.values(), *taken_off.values()]
    assert evaluate("tried_on", "image", "--unpaired") == {
        name: tried_on[name] for name in ("FID", "KID")
    }
