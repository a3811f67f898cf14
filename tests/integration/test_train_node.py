"""Any2AnyTrainLoRA runs the command, shows what it tells, and leaves a run that can go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from training_sets import write_set

CHOICES = {
    "folder": "set",
    "name": "mine",
    "sizes": "32x48",
    "rank": 2,
    "rate": 0.01,
    "accumulation": 1,
    "checkpointing": False,
    "held_out": 1,
    "sheet_every": 2,
}


@pytest.fixture
def places(comfy, tmp_path, loras, monkeypatch):
    """ComfyUI's output folder with a set in it, and a folder for LoRAs that comes first."""
    import folder_paths

    monkeypatch.setattr(folder_paths, "output_directory", str(tmp_path / "output"))
    monkeypatch.setitem(
        folder_paths.folder_names_and_paths,
        "loras",
        ([str(loras)], {".safetensors"}),
    )
    write_set(tmp_path / "output" / "set", 3)
    return tmp_path / "output", loras


@pytest.mark.slow
def test_cancel_ends_a_training_and_the_next_run_ends_it_with_a_lora(
    run, places, monkeypatch, pack
):
    import comfy.model_management as management

    output, loras = places
    out = output / "any2any" / "training" / "mine"

    def cancel():
        if (out / "log.jsonl").is_file():
            raise management.InterruptProcessingException

    monkeypatch.setattr(management, "throw_exception_if_processing_interrupted", cancel)
    with pytest.raises(management.InterruptProcessingException):
        run("Any2AnyTrainLoRA", **CHOICES, steps=1000)
    monkeypatch.undo()
    monkeypatch.setattr("folder_paths.output_directory", str(output))
    monkeypatch.setattr("folder_paths.get_folder_paths", lambda kind: [str(loras)])
    name, pictures = run("Any2AnyTrainLoRA", **CHOICES, steps=2)
    assert name == "mine.safetensors" and (loras / name).is_file()
    assert [one.ndim for one in pictures] == [4, 4]


@pytest.mark.slow
def test_the_commands_own_sentence_is_shown(run, places):
    with pytest.raises(ValueError, match="has no folder target"):
        run("Any2AnyTrainLoRA", **CHOICES | {"folder": "nothing"}, steps=1)


@pytest.mark.parametrize("folder", ["../elsewhere", "/elsewhere"])
def test_the_set_lies_in_comfyuis_folders(run, places, folder):
    with pytest.raises(ValueError, match="is not inside ComfyUI's output folder"):
        run("Any2AnyTrainLoRA", **CHOICES | {"folder": folder}, steps=1)


def test_a_model_that_is_not_there_is_refused(run, places):
    with pytest.raises(ValueError, match=r"There is no .gone\.safetensors. in models/vae"):
        run("Any2AnyTrainLoRA", **CHOICES | {"vae": "gone.safetensors"}, steps=1)


def test_a_python_without_the_extras_is_told_what_to_install(monkeypatch, capsys):
    from training.lora import __main__ as command

    monkeypatch.setattr(command, "NEEDED", ("torch", "no_such_package"))
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert "Training needs no_such_package" in str(ended.value)
    assert f"{Path(command.sys.executable)}" in str(ended.value)
