"""A lookbook's pairs, and digests that change with a picture's making and with nothing else."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch

from any2any_core.digests import SAMPLE, digest, picture_digest
from any2any_core.lookbook import (
    ALL,
    ONE_TO_ONE,
    look_files,
    lookbook_pairs,
    only_entry,
    single_pictures,
    source_digests,
)


@pytest.mark.parametrize(
    ("people", "garments", "how", "expected"),
    [
        pytest.param(1, 1, ALL, "p01_g01", id="one-pair"),
        pytest.param(2, 3, ALL, "p01_g01 p01_g02 p01_g03 p02_g01 p02_g02 p02_g03", id="all"),
        pytest.param(3, 3, ONE_TO_ONE, "p01_g01 p02_g02 p03_g03", id="one-to-one"),
    ],
)
def test_pairs_come_person_by_person(people, garments, how, expected):
    assert " ".join(map(str, lookbook_pairs(people, garments, how))) == expected


@pytest.mark.parametrize(
    ("people", "garments", "how"),
    [
        pytest.param(2, 3, ONE_TO_ONE, id="counts-differ"),
        pytest.param(0, 3, ALL, id="nobody"),
        pytest.param(2, 0, ALL, id="nothing-to-wear"),
    ],
)
def test_numbers_that_make_no_pairs_are_named(people, garments, how):
    with pytest.raises(ValueError, match=f"people has {people} .* garments has {garments}"):
        lookbook_pairs(people, garments, how)


def test_lists_of_batches_become_single_pictures_in_order():
    entries = [torch.full((2, 4, 5, 3), 0.1), torch.full((1, 9, 2, 3), 0.2)]
    assert [tuple(picture.shape) for picture in single_pictures(entries)] == [
        (1, 4, 5, 3),
        (1, 4, 5, 3),
        (1, 9, 2, 3),
    ]


def test_a_second_model_is_refused():
    assert only_entry(["a"], "model") == "a"
    with pytest.raises(ValueError, match="model is a list of 2"):
        only_entry(["a", "b"], "model")


WORKFLOW = {
    "unet": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux1-dev"}},
    "lora": {"class_type": "LoadTryonLoRA", "inputs": {"model": ["unet", 0], "strength": 1.0}},
    "clip": {"class_type": "DualCLIPLoader", "inputs": {"clip_name1": "t5", "clip_name2": "l"}},
    "text": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["clip", 0], "text": "a dress"}},
    "other": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}},
}


def changed(name: str, key: str, value) -> dict:
    workflow = deepcopy(WORKFLOW)
    workflow[name]["inputs"][key] = value
    return workflow


def renamed(old: str, new: str) -> dict:
    """Return the workflow with another id for a node, as a saved copy of it may have."""
    workflow = {new if name == old else name: node for name, node in deepcopy(WORKFLOW).items()}
    for node in workflow.values():
        for key, value in node["inputs"].items():
            if isinstance(value, list) and value[0] == old:
                node["inputs"][key] = [new, value[1]]
    return workflow


@pytest.mark.parametrize(
    ("source", "workflow", "same"),
    [
        pytest.param("lora", WORKFLOW, True, id="same"),
        pytest.param("lora", changed("lora", "strength", 0.9), False, id="own-widget"),
        pytest.param("lora", changed("unet", "unet_name", "krea"), False, id="ancestors-widget"),
        pytest.param("lora", changed("lora", "model", ["unet", 1]), False, id="other-output"),
        pytest.param("lora", changed("text", "text", "a coat"), True, id="no-ancestor"),
        pytest.param("lora", renamed("unet", "17"), True, id="other-ids"),
        pytest.param("text", changed("text", "text", "a coat"), False, id="prompt"),
    ],
)
def test_a_source_is_its_ancestors(source, workflow, same):
    before, after = (
        source_digests({"model": [source, 0]}, one.__getitem__) for one in (WORKFLOW, workflow)
    )
    assert (before == after) == same


def weights(path: Path, *places: int) -> Path:
    """Write weights of three samples' size, with one byte changed at each place."""
    data = bytearray(3 * SAMPLE)
    for place in places:
        data[place] ^= 1
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("places", "same"),
    [
        pytest.param([], True, id="copied"),
        pytest.param([0], False, id="beginning"),
        pytest.param([3 * SAMPLE // 2], False, id="middle"),
        pytest.param([-1], False, id="end"),
    ],
)
def test_a_source_is_its_files_too(tmp_path, places, same):
    """A LoRA that was trained anew under its old name; and one that only moved."""

    def digests(file: Path) -> dict[str, str]:
        def files_of(text: str) -> list[Path]:
            return [file] if text == WORKFLOW["unet"]["inputs"]["unet_name"] else []

        return source_digests({"model": ["lora", 0]}, WORKFLOW.__getitem__, files_of)

    before, after = weights(tmp_path / "before"), weights(tmp_path / "after", *places)
    assert (digests(before) == digests(after)) == same


def test_what_json_cannot_hold_is_never_the_same():
    assert digest({"model": object()}) != digest({"model": object()})


def photo(**changes: float) -> torch.Tensor:
    pixels = torch.zeros(1, 4, 6, 3)
    pixels[0, 1, 2, 0] = changes.get("pixel", 0.5)
    return pixels


def test_a_picture_is_its_pixels_and_its_size():
    assert picture_digest(photo()) == picture_digest(photo().clone())
    assert picture_digest(photo()) != picture_digest(photo(pixel=0.5 + 1 / 255))
    assert picture_digest(torch.zeros(1, 4, 6, 3)) != picture_digest(torch.zeros(1, 6, 4, 3))


def test_digests_stay_what_they_were():
    """Else every lookbook in people's folders would start anew."""
    assert digest({"b": [1, 2.5], "a": None}) == "6b1d84977084473f"
    assert picture_digest(torch.ones(1, 2, 2, 3) / 4) == "9b676397bc833bbe"
    assert source_digests({"model": ["lora", 0]}, WORKFLOW.__getitem__) == {
        "model": "867775ac1f220ada"
    }


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        pytest.param({}, [True, True, True, True], id="same"),
        pytest.param({"people": ["anna", "carl"]}, [True, True, False, False], id="person"),
        pytest.param({"garments": ["coat", "hat"]}, [True, False, True, False], id="garment"),
        pytest.param({"making": {"seed": 1}}, [False] * 4, id="setting"),
    ],
)
def test_a_file_is_named_by_its_own_making(changes, same):
    given = {"people": ["anna", "bert"], "garments": ["coat", "dress"], "making": {"seed": 0}}
    prefix, pairs = Path("book/look"), lookbook_pairs(2, 2, ALL)
    before, after = (look_files(prefix, pairs, **one) for one in (given, given | changes))
    assert [one == other for one, other in zip(before, after)] == same
    assert len(set(before)) == 4
    assert before[1].parent == Path("book")
    assert before[1].name.startswith("look_p01_g02_")
