"""A training's settings, sizes and tasks: what is refused, in a sentence that says what to do."""

from __future__ import annotations

import argparse

import pytest

from any2any_core.geometry import Size
from training.lora.files import files_of
from training.lora.settings import Settings, add_arguments
from training.lora.sizes import bucket_sizes
from training.lora.tasks import task_weights


def parsed(*words: str) -> Settings:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return Settings(**vars(parser.parse_args(["--data", "set", *words])))


def test_the_command_has_a_word_for_every_choice():
    assert parsed() == Settings(data="set")
    changed = parsed("--rank", "8", "--checkpointing", "--tasks", "model-free", "--rate", "3e-4")
    assert changed == Settings(
        data="set", rank=8, checkpointing=True, tasks="model-free", rate=3e-4
    )


@pytest.mark.parametrize(
    "choices, sentence",
    [
        ({"rank": 0}, "--rank is 0, but at least 1"),
        ({"steps": 0}, "--steps is 0, but at least 1"),
        ({"log_every": 0}, "--log-every is 0, but at least 1"),
        ({"ema": 1.0}, "--ema is 1.0, but 0 (none) to under 1"),
        ({"layout": "vitonhd"}, "--layout is 'vitonhd', but one of any2any, canvas"),
        ({"precision": "fp16"}, "--precision is 'fp16', but one of bf16, fp32"),
        ({"name": "a/b"}, "--name is 'a/b', but a file's name"),
        ({"name": ""}, "--name is '', but a file's name"),
        ({"attention": "isolated", "layout": "canvas"}, "isolated and --layout is canvas"),
        ({"tasks": "dance"}, "--tasks names 'dance', but some of try-on"),
        ({"tasks": "try-on=0"}, "gives try-on the weight '0'"),
        ({"tasks": "try-on=much"}, "gives try-on the weight 'much'"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_choices_are_refused(choices, sentence):
    with pytest.raises(ValueError) as error:
        Settings(data="set", **choices)
    assert sentence in str(error.value)


def test_task_weights_add_up_to_1():
    assert task_weights("try-on=3, model-free=1") == {"try-on": 0.75, "model-free": 0.25}
    assert task_weights("") == {}


def test_sizes_are_those_named():
    assert bucket_sizes("576x768,768x576", 16, 0) == (Size(576, 768), Size(768, 576))


def test_sizes_of_a_range_differ_and_follow_the_seed():
    sizes = bucket_sizes("384-896", 16, 0)
    assert len(set(sizes)) == 16
    assert all(384 <= side <= 896 and side % 16 == 0 for s in sizes for side in (s.width, s.height))
    assert sizes == bucket_sizes("384-896", 16, 0) != bucket_sizes("384-896", 16, 1)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("576", "but widths and heights such as"),
        ("570x768", "multiples of 16"),
        ("0x16", "multiples of 16"),
        ("896-384", "from a smaller to a larger side"),
        ("380-896", "multiples of 16"),
    ],
)
def test_bad_sizes_are_refused(text, sentence):
    with pytest.raises(ValueError) as error:
        bucket_sizes(text, 4, 0)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    "choices, sentence",
    [
        ({"base": "flux.safetensors"}, "brings no VAE along"),
        ({"base": "flux.safetensors", "vae": "ae.safetensors"}, "text encoders are not named"),
    ],
    ids=["no vae", "no texts"],
)
def test_a_lone_transformer_file_needs_the_others(choices, sentence):
    with pytest.raises(ValueError) as error:
        files_of(Settings(data="set", **choices))
    assert sentence in str(error.value)
