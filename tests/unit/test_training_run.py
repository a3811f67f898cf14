"""A whole training at tiny sizes: cut anywhere and resumed it is the uncut one, bit for bit."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file
from training_sets import write_set

from any2any_core.lora import read_lora
from training.lora import run
from training.lora.adapter import made_optimizer
from training.lora.files import files_of
from training.lora.settings import Settings

STEPS = 4


@pytest.fixture(scope="module")
def triples(tmp_path_factory) -> Path:
    return write_set(tmp_path_factory.mktemp("triples"), 5, [(48, 64), (96, 64)])


@pytest.fixture(scope="module")
def settings(triples, tmp_path_factory) -> Settings:
    """Four steps of two batches each, with everything on that could tell two runs apart."""
    return Settings(
        data=str(triples),
        out=str(tmp_path_factory.mktemp("uncut")),
        cache=str(tmp_path_factory.mktemp("encoded")),
        sizes="32x48,48x32",
        tasks="try-on=2,model-free=1,garment reconstruction=1",
        rank=2,
        alpha=4.0,
        rate=1e-2,
        warmup=2,
        steps=STEPS,
        batch=2,
        accumulation=2,
        held_out=2,
        sheet_every=2,
        sheet_steps=2,
        checkpoint_every=2,
        log_every=1,
        device="cpu",
    )


@pytest.fixture(scope="module")
def uncut(settings) -> Path:
    return run.train(settings)


def cut_run(settings: Settings, monkeypatch, before: int) -> None:
    """Train, and stop in the middle of a step, as when the computer is switched off."""
    whole_step = run.take_step

    def step_or_end(*arguments):
        if arguments[-1] == before:
            whole_step(*arguments)
            raise KeyboardInterrupt
        return whole_step(*arguments)

    monkeypatch.setattr(run, "take_step", step_or_end)
    with pytest.raises(KeyboardInterrupt):
        run.train(settings)
    monkeypatch.undo()


@pytest.mark.parametrize("before", [1, 4])
def test_a_run_cut_anywhere_goes_on_to_the_very_same(
    settings, uncut, tmp_path, monkeypatch, before
):
    again = replace(settings, out=str(tmp_path))
    cut_run(again, monkeypatch, before)
    resumed = run.train(again)
    assert resumed.read_bytes() == uncut.read_bytes()
    states = [load_file(Path(one.out) / "checkpoint.safetensors") for one in (settings, again)]
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    logs = [losses(one) for one in (settings, again)]
    assert logs[0] == logs[1] and len(logs[0]) == STEPS
    sheets = [
        Image.open(Path(one.out) / "samples" / "step_000004.png") for one in (settings, again)
    ]
    assert sheets[0].tobytes() == sheets[1].tobytes()


def losses(settings: Settings) -> list[tuple[int, float]]:
    lines = (Path(settings.out) / "log.jsonl").read_text().splitlines()
    return [(line["step"], line["loss"]) for line in map(json.loads, lines)]


def test_gradient_checkpointing_learns_the_same(settings, uncut, tmp_path):
    less = run.train(replace(settings, out=str(tmp_path), checkpointing=True, sheet_every=0))
    got, expected = load_file(less), load_file(uncut)
    assert all(torch.equal(got[name], expected[name]) for name in expected)


def test_another_seed_learns_something_else(settings, uncut, tmp_path):
    other = run.train(replace(settings, out=str(tmp_path), seed=1, sheet_every=0))
    assert other.read_bytes() != uncut.read_bytes()


def test_it_learns(settings, tmp_path):
    """One triple again and again, the same noise levels: the loss falls."""
    one = replace(
        settings, out=str(tmp_path), tasks="", steps=8, held_out=4, sheet_every=0, logit_std=0.1
    )
    run.train(one)
    figures = [loss for _, loss in losses(one)]
    assert sum(figures[-3:]) < 0.8 * sum(figures[:3])


def test_the_file_says_what_it_is(settings, uncut):
    lora = read_lora(uncut)
    assert lora.layout == "any2any"
    assert lora.task == "garment reconstruction, model-free, try-on"
    assert (lora.ranks, lora.alphas) == ((2,), (4.0,))
    with safe_open(uncut, framework="pt") as file:
        header = json.loads(file.metadata()["any2any"])
    assert header["trained_on"] == "any2any_demo_base.safetensors"
    assert (header["steps"], header["rate"], header["sizes"]) == (4, 0.01, "32x48,48x32")
    assert not any(str(Path(settings.data).parent) in str(value) for value in header.values())


def test_the_saved_weights_are_the_average(settings, uncut):
    state, saved = load_file(Path(settings.out) / "checkpoint.safetensors"), load_file(uncut)
    names = [name.removeprefix("lora.") for name in state if name.startswith("lora.")]
    for name in names:
        published = "transformer." + name.replace(".default.weight", ".weight")
        assert torch.equal(saved[published], state[f"average.{name}"])
    assert any(not torch.equal(state[f"lora.{name}"], state[f"average.{name}"]) for name in names)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"rank": 3}, "was made with --rank 2, but this run has 3"),
        ({"sizes": "48x32"}, "was made with --sizes 32x48,48x32"),
        ({"seed": 5}, "was made with --seed 0"),
    ],
    ids=["rank", "sizes", "seed"],
)
def test_going_on_otherwise_is_refused(settings, uncut, change, sentence):
    with pytest.raises(ValueError) as error:
        run.train(replace(settings, **change))
    assert sentence in str(error.value)


def test_going_on_with_other_data_is_refused(settings, uncut, tmp_path):
    others = write_set(tmp_path, 6)
    with pytest.raises(ValueError, match="was made with other pictures, captions or base"):
        run.train(replace(settings, data=str(others)))


def test_a_set_in_parquet_with_columns_of_its_own_is_the_set_in_its_folder(
    settings, triples, tmp_path
):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    names = [f"{number:02}" for number in range(5)]
    panels = {"wearer": "person", "cloth": "garment", "photo": "target"}
    table = {column: [f"{panel}/{n}.png" for n in names] for column, panel in panels.items()}
    words = {"name": names, "caption": [f"person {int(n)}" for n in names]}
    pq.write_table(pa.table(table | words), tmp_path / "set.parquet")
    columns = "person=wearer,target=photo"
    given = replace(
        settings, data=str(tmp_path / "set.parquet"), columns=columns, pictures=str(triples)
    )
    folder, parquet = (run.planned_work(one, files_of(one)) for one in (settings, given))
    assert parquet.data == folder.data


def test_8_bits_need_bitsandbytes(monkeypatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes.optim", None)
    with pytest.raises(ValueError, match="bitsandbytes is not installed"):
        made_optimizer([torch.zeros(1)], Settings(data="set", optimizer="adamw8bit"))
