"""`python dev.py evaluate`: results against truth, in the paper's metrics and beside its numbers.

    python dev.py evaluate --pairs test_pairs.txt --results DIR --truth test/image
    python dev.py evaluate --pairs test_pairs.txt --results DIR --truth test/image --unpaired
    python dev.py evaluate --pairs test_pairs.txt --results DIR --truth test/cloth --task try-off

A result and its truth are called as the pair's person is in the list. Stopped and run again, it
goes on where it was. Nothing is downloaded: docs/evaluation.md lists the networks' files.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import torch
from tqdm import tqdm

from any2any_core.pairs import pairs_in

from .kept import Kept
from .matched import Matches, matches
from .protocol import Metric, TestSet, try_off, try_on
from .report import FORMS, Report, Row, written
from .weights import MissingWeightsError

TRY_ON, TRY_OFF = "try-on", "try-off"


def main(words: list[str] | None = None) -> None:
    options = parsed(words)
    try:
        report = evaluated(options)
    except ValueError as error:
        sys.exit(str(error))
    print(report.text(), end="")
    for path in options.output:
        written(report, path)
        print(f"wrote {path}")


def parsed(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--pairs", type=Path, required=True, help="the list: a person and a garment a line")
    add("--results", type=folder, required=True, help="the folder of what was made")
    add("--truth", type=folder, required=True, help="the folder of what was to be made")
    add("--task", choices=(TRY_ON, TRY_OFF), default=TRY_ON, help="which table of the paper")
    add("--unpaired", action="store_true", help="try-on in another garment: FID and KID only")
    add("--partial", action="store_true", help="leave out what is missing instead of stopping")
    add("--output", type=report_file, action="append", default=[], help="a .md or .json file")
    add("--weights", type=Path, help="a folder with `checkpoints`, instead of torch's hub folder")
    add("--work", type=Path, default=Path(".any2any/evaluation"), help="what is kept for resuming")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cpu, cuda, ...")
    options = parser.parse_args(words)
    if options.unpaired and options.task == TRY_OFF:
        parser.error("--unpaired is for try-on: a garment taken off has one truth, the garment")
    return options


def folder(path: str) -> Path:
    if not Path(path).is_dir():
        raise argparse.ArgumentTypeError(f"{path} is no folder")
    return Path(path)


def report_file(path: str) -> Path:
    if Path(path).suffix not in FORMS:
        raise argparse.ArgumentTypeError(f"{path} ends with none of {', '.join(FORMS)}")
    return Path(path)


def evaluated(options: argparse.Namespace) -> Report:
    """Return the report on a test set.

    Raises:
        ValueError: a list, a picture or a number of them that cannot be used.
    """
    if options.weights:
        torch.hub.set_dir(str(options.weights))
    pairs = pairs_in(options.pairs)
    found = matches(pairs, options.results, options.truth)
    warn(found, len(pairs), options.partial)
    truths = options.work / "truth"
    truths.mkdir(parents=True, exist_ok=True)
    test_set = TestSet(found.found, Kept(options.work / "numbers"), options.device)
    if options.task == TRY_OFF:
        metrics, setting = try_off(), "garment reconstruction"
    else:
        metrics = try_on(not options.unpaired, found.size, truths)
        setting = f"try-on, {'unpaired' if options.unpaired else 'paired'}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' about each other's age
        rows = [row(metric, test_set) for metric in metrics]
    title = f"{setting}: {len(found.found)} pairs, results {found.size}"
    return Report(title, rows, len(pairs) - len(found.found))


def warn(found: Matches, pairs: int, partial: bool) -> None:
    """Print what cannot be compared, a line a picture.

    Raises:
        ValueError: there is such a picture and only a part was not asked for, or nothing is left.
    """
    for fault in found.faults:
        print(fault, file=sys.stderr)
    if not found.found:
        raise ValueError(
            f"None of the {pairs} pairs has a result and a truth that can be compared, but at "
            "least one was expected: look whether --results and --truth are the right folders."
        )
    if found.faults and not partial:
        raise ValueError(
            f"{len(found.faults)} pictures of {pairs} pairs cannot be compared (named above), but "
            "a whole test set was expected: make them, or let --partial leave them out."
        )


def row(metric: Metric, test_set: TestSet) -> Row:
    """Return a metric's row; without its network's weights, the reason."""
    about = (metric.name, metric.higher_is_better, metric.published)
    try:
        value = metric.of(test_set)
    except MissingWeightsError as missing:
        return Row(*about, None, str(missing))
    tqdm.write(f"{metric.name}: {value:.4f}", file=sys.stderr)
    return Row(*about, value)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped; the same command goes on from here")
