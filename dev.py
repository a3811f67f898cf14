#!/usr/bin/env python3
"""The pack's commands, for a computer that has nothing but Python 3.11 to 3.13.

    python dev.py demo        dress a paper doll in a real ComfyUI, and show the result
    python dev.py serve       leave that ComfyUI running, to play with in the browser
    python dev.py test        what CI runs, fast tests first; further words go to pytest
    python dev.py test --all  every test, then the browser's with the newest front end
    python dev.py lint        the linter
    python dev.py templates   write workflows/ and subgraphs/ anew; --thumbnails: pictures too
    python dev.py words       the English words and the help pages' tables, from the schemas
    python dev.py gallery     every picture that help pages and README show, with the demo model
    python dev.py evaluate    the paper's metrics of a folder of results: docs/evaluation.md
    python dev.py train       a LoRA of your own: --data FOLDER --base MODEL; --help says all
    python dev.py train-demo  make the demo model's weights from nothing

Each makes the environment it needs in `.any2any/` and takes it from there the next time. With
COMFYUI_PATH set that ComfyUI is used, and nothing is installed where the running Python has its
packages already.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from devtools.environment import environment_with
from devtools.installer import InstallError


def demo(options: argparse.Namespace, words: list[str]) -> None:
    environment_with((), options.verbose).become("-m", "devtools.demo", *words)


def serve(options: argparse.Namespace, words: list[str]) -> None:
    environment_with((), options.verbose).become("-m", "devtools.serve", *words)


def test(options: argparse.Namespace, words: list[str]) -> None:
    environment = environment_with(("dev", "metrics"), options.verbose)
    if options.all:
        environment.become("-m", "devtools.all_tests", *words)
    kind = "not full and not slow and not server and not browser" if options.fast else "not full"
    environment.become("-m", "pytest", "-m", kind, *words)


def lint(options: argparse.Namespace, words: list[str]) -> None:
    environment_with(("dev",), options.verbose).become("-m", "ruff", "check", *words)


def templates(options: argparse.Namespace, words: list[str]) -> None:
    environment_with((), options.verbose).become("-m", "devtools.templates", *words)


def words(options: argparse.Namespace, words: list[str]) -> None:
    environment_with((), options.verbose).become("-m", "devtools.words", *words)


def gallery(options: argparse.Namespace, words: list[str]) -> None:
    environment_with(("train",), options.verbose).become("-m", "training.gallery", *words)


def evaluate(options: argparse.Namespace, words: list[str]) -> None:
    environment_with(("metrics",), options.verbose).become("-m", "evaluation", *words)


def train(options: argparse.Namespace, words: list[str]) -> None:
    environment_with(("train",), options.verbose).become("-m", "training.lora", *words)


def train_demo(options: argparse.Namespace, words: list[str]) -> None:
    environment_with(("train",), options.verbose).become("-m", "training.demo", *words)


VERBS: dict[str, Callable[[argparse.Namespace, list[str]], None]] = {
    "demo": demo,
    "serve": serve,
    "test": test,
    "lint": lint,
    "templates": templates,
    "words": words,
    "gallery": gallery,
    "evaluate": evaluate,
    "train": train,
    "train-demo": train_demo,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument("verb", choices=VERBS, nargs="?")
    parser.add_argument("--verbose", action="store_true", help="show the installer's own output")
    parser.add_argument("--fast", action="store_true", help="test: leave out slow tests")
    parser.add_argument("--all", action="store_true", help="test: leave out none")
    options, words = parser.parse_known_args()
    if options.verb is None:  # after a verb, --help is the verb's own
        parser.print_help()
        return
    try:
        VERBS[options.verb](options, words)
    except InstallError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("stopped; the same command goes on from here")


if __name__ == "__main__":
    main()
