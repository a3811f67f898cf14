"""What is compared with what, what is named, and how the numbers are shown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from any2any_core.geometry import Size
from any2any_core.pairs import NamedPair
from evaluation.kept import Kept, mark
from evaluation.matched import Match, matches
from evaluation.pictures import at_height, covering, opened
from evaluation.report import Report, Row, written


def pair(name: str) -> NamedPair:
    return NamedPair(f"{name}.jpg", "garment.jpg")


def put(path: Path, size: tuple[int, int] = (12, 16), seed: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_results_and_truth_are_matched_by_name(tmp_path):
    results, truth = tmp_path / "results", tmp_path / "truth"
    made = {name: put(results / f"{name}.png") for name in ("a", "b", "of nobody")}
    true = {name: put(truth / f"{name}.jpg", (24, 32)) for name in ("a", "b")}
    found = matches([pair("b"), pair("a")], results, truth)
    assert found.found == (Match("b", made["b"], true["b"]), Match("a", made["a"], true["a"]))
    assert found.faults == ()
    assert found.size == Size(width=12, height=16)


def test_whatever_cannot_be_compared_is_named(tmp_path):
    results, truth = tmp_path / "results", tmp_path / "truth"
    for name in ("a", "b", "no truth", "wide truth", "damaged truth"):
        put(results / f"{name}.png")
    put(results / "small.png", (6, 8))
    (results / "damaged.png").write_bytes(b"no picture")
    for name in ("a", "b", "no result", "small", "damaged"):
        put(truth / f"{name}.jpg")
    put(truth / "wide truth.jpg", (20, 16))
    (truth / "damaged truth.jpg").write_bytes(b"no picture")
    names = (
        *("a", "no truth", "no result", "small"),
        *("damaged", "wide truth", "damaged truth", "b"),
    )
    found = matches(map(pair, names), results, truth)
    assert [match.name for match in found.found] == ["a", "b"]
    assert [fault.partition(": ")[0] for fault in sorted(found.faults)] == sorted(
        [
            f"{truth}/no truth.*",
            f"{results}/no result.*",
            f"{results}/small.png",
            f"{results}/damaged.png",
            f"{truth}/wide truth.jpg",
            f"{truth}/damaged truth.jpg",
        ]
    )
    told = "\n".join(found.faults)
    assert "6x8, but the other results are 12x16" in told
    assert "20x16, but a picture of the results' shape 12x16 was expected" in told


def test_nothing_to_compare_has_no_size(tmp_path):
    found = matches([pair("a")], tmp_path, tmp_path)
    assert (found.found, found.size) == ((), None)
    assert len(found.faults) == 2


def test_what_is_kept_is_not_made_again(tmp_path):
    kept, calls = Kept(tmp_path / "numbers"), []

    def made() -> np.ndarray:
        calls.append(1)
        return np.array([1.0, 2.0])

    assert kept.array(["ssim", 1], made).tolist() == [1.0, 2.0]
    assert Kept(tmp_path / "numbers").array(["ssim", 1], made).tolist() == [1.0, 2.0]
    assert len(calls) == 1
    kept.array(["ssim", 2], made)
    assert len(calls) == 2


def test_another_file_of_the_same_name_is_another(tmp_path):
    before = mark(put(tmp_path / "a.png"))
    assert mark(tmp_path / "a.png") == before
    assert mark(put(tmp_path / "a.png", (13, 16))) != before


def test_the_truth_is_scaled_once_in_its_own_format(tmp_path):
    truth = put(tmp_path / "truth.jpg", (24, 33))
    assert at_height(truth, 33, tmp_path) == truth
    scaled = at_height(truth, 16, tmp_path)
    assert Image.open(scaled).format == "JPEG"
    assert Image.open(scaled).size == (11, 16)  # 24 * 16 / 33, rounded down
    exact = Image.open(truth).resize((11, 16), Image.LANCZOS)
    assert np.abs(np.asarray(exact, int) - np.asarray(Image.open(scaled), int)).mean() < 24
    before = scaled.stat().st_mtime_ns
    assert at_height(truth, 16, tmp_path).stat().st_mtime_ns == before

    lossless = at_height(put(tmp_path / "truth.png", (24, 32)), 16, tmp_path)
    exact = Image.open(tmp_path / "truth.png").resize((12, 16), Image.LANCZOS)
    assert (np.asarray(Image.open(lossless)) == np.asarray(exact)).all()


@pytest.mark.parametrize("size", [(12, 16), (16, 16), (6, 8), (64, 64)], ids=str)
def test_a_square_result_is_cropped_to_the_truths_shape(tmp_path, size):
    """Its left and right edges are red and fall away; what is in the middle stays."""
    width, height = size
    picture = np.full((height, width, 3), 255, np.uint8)
    edge = (width - width * 3 // 4) // 2 if width == height else 0
    picture[:, :edge], picture[:, width - edge :] = (255, 0, 0), (255, 0, 0)
    Image.fromarray(picture).save(tmp_path / "a.png")
    seen = covering(tmp_path / "a.png", Size(width=48, height=64))
    assert seen.shape == (3, 64, 48)
    assert seen[:, :, 4:-4].min() > 0.99


def test_a_damaged_picture_is_named(tmp_path):
    path = put(tmp_path / "a.png", (64, 64))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"a\.png cannot be read .* expected"):
        opened(path)


REPORT = Report(
    "try-on, paired: 2 pairs, results 384x512",
    [
        Row("SSIM", True, "0.8387", 0.8412),
        Row("FID", False, "6.934", None, "X's weights were expected."),
        Row("KID", False, "0.7387", None, "X's weights were expected."),
    ],
    left_out=3,
)


def test_ours_stand_beside_the_papers():
    text = REPORT.text()
    assert "SSIM    0.84120  0.8387      +0.00250  higher" in text
    assert "FID           -   6.934             -  lower" in text
    assert "3 pairs of the list are missing" in text
    assert text.count("X's weights") == 1
    assert "Without FID and KID: X's weights were expected.\n" in text


def test_a_report_is_written_as_its_file_is_called(tmp_path):
    written(REPORT, tmp_path / "new" / "report.md")
    lines = (tmp_path / "new" / "report.md").read_text().splitlines()
    assert "| SSIM | 0.84120 | 0.8387 | +0.00250 | higher |" in lines
    written(REPORT, tmp_path / "report.json")
    read = json.loads((tmp_path / "report.json").read_text())
    assert read["metrics"]["SSIM"] == {
        "value": 0.8412,
        "published": 0.8387,
        "higher_is_better": True,
    }
    assert read["metrics"]["FID"]["why_not"] == "X's weights were expected."
    assert read["left_out"] == 3
