"""Which metrics a table has, and how each looks at the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from tqdm import tqdm

from any2any_core.geometry import Size

from . import features, scores
from .kept import Kept, mark
from .matched import Match
from .pictures import as_it_is, at_height, covering
from .published import PAIRED, TRY_OFF, UNPAIRED
from .weights import ALEXNET, CLIP, INCEPTION, SQUEEZENET, VGG16, Weights

CHUNK = 8
"""Pictures that are computed and kept at once."""

TRY_OFF_SIZE = Size(width=768, height=1024)
DISTS_SIZE = Size(width=256, height=341)
"""TryOffDiff's published evaluation uses these."""

T = TypeVar("T")


@dataclass(frozen=True)
class TestSet:
    """Results and truth as files, and what computes on them."""

    matches: Sequence[Match]
    kept: Kept
    device: str


@dataclass(frozen=True)
class Metric:
    """A column of a table."""

    name: str
    library: str
    """The package whose version the number depends on."""
    higher_is_better: bool
    published: str
    """The paper's own number."""
    value: Callable[[TestSet, str], float]
    """Given the test set and what made the number, as text."""
    weights: Weights | None = None

    def of(self, test_set: TestSet) -> float:
        """Return the number.

        Raises:
            MissingWeightsError: the network behind it has no weights.
        """
        made_by = f"{self.library} {version(self.library)}"
        if self.weights:
            made_by += f" {mark(self.weights.path())}"
        return self.value(test_set, made_by)


def try_on(paired: bool, size: Size, folder: Path) -> list[Metric]:
    """Return the try-on table's metrics, as CatVTON's evaluation has them.

    Args:
        size: of the results, in pixels; the truth is brought to their height, in `folder`.
    """
    published = PAIRED if paired else UNPAIRED
    truth = partial(at_height, height=size.height, folder=folder)

    def looked_at(match: Match) -> tuple[torch.Tensor, torch.Tensor]:
        return as_it_is(match.result), as_it_is(truth(match.truth))

    pair_by_pair = [
        Metric(
            "SSIM",
            "torchmetrics",
            True,
            PAIRED["SSIM"],
            mean_of("SSIM", scores.torchmetrics_ssim, looked_at),
        ),
        Metric(
            "LPIPS",
            "lpips",
            False,
            PAIRED["LPIPS"],
            mean_of("LPIPS squeeze", scores.lpips_squeeze, looked_at),
            SQUEEZENET,
        ),
    ]
    return [*(pair_by_pair if paired else []), *inception_metrics(published, truth)]


def try_off() -> list[Metric]:
    """Return the garment reconstruction table's metrics, as TryOffDiff's evaluation has them."""

    def large(match: Match) -> tuple[torch.Tensor, torch.Tensor]:
        return covering(match.result, TRY_OFF_SIZE), covering(match.truth, TRY_OFF_SIZE)

    def small(match: Match) -> tuple[torch.Tensor, torch.Tensor]:
        return covering(match.result, DISTS_SIZE), covering(match.truth, DISTS_SIZE)

    def similarity(name: str, id: str) -> Metric:
        value = mean_of(f"pyiqa {name}", scores.pyiqa_metric(id), large)
        return Metric(name, "pyiqa", True, TRY_OFF[name], value)

    fid, kid = inception_metrics(TRY_OFF, truth=lambda path: path)
    return [
        similarity("SSIM", "ssim"),
        similarity("MS-SSIM", "ms_ssim"),
        similarity("CW-SSIM", "cw_ssim"),
        Metric(
            "LPIPS",
            "pyiqa",
            False,
            TRY_OFF["LPIPS"],
            mean_of("LPIPS alex", scores.pyiqa_lpips, large),
            ALEXNET,
        ),
        fid,
        Metric(
            "CLIP-FID",
            "clean-fid",
            False,
            TRY_OFF["CLIP-FID"],
            distance("CLIP", features.clip, features.frechet_distance, lambda path: path),
            CLIP,
        ),
        kid,
        Metric(
            "DISTS",
            "torchmetrics",
            False,
            TRY_OFF["DISTS"],
            mean_of("DISTS", scores.dists, small),
            VGG16,
        ),
    ]


def inception_metrics(
    published: dict[str, str], truth: Callable[[Path], Path]
) -> tuple[Metric, Metric]:
    """Return FID and KID, which share their features."""
    return tuple(
        Metric(
            name,
            "clean-fid",
            False,
            published[name],
            distance("Inception-v3", features.inception, between, truth),
            INCEPTION,
        )
        for name, between in (
            ("FID", features.frechet_distance),
            ("KID", features.kernel_distance_x1000),
        )
    )


def mean_of(
    what: str,
    made: Callable[[str], scores.Scorer],
    looked_at: Callable[[Match], tuple[torch.Tensor, torch.Tensor]],
) -> Callable[[TestSet, str], float]:
    """Return a metric's value as the mean over the pairs."""

    def value(test_set: TestSet, made_by: str) -> float:
        scorer = cache(lambda: made(test_set.device))

        @torch.inference_mode()
        def scored(chunk: Sequence[Match]) -> np.ndarray:
            pairs = [looked_at(match) for match in chunk]
            results, truths = (torch.stack(side).to(test_set.device) for side in zip(*pairs))
            return scorer()(results, truths).double().cpu().numpy()

        def one_by_one() -> Iterator[np.ndarray]:
            for chunk in chunks(test_set.matches, what):
                files = [[mark(match.result), mark(match.truth)] for match in chunk]
                yield test_set.kept.array([what, made_by, files], partial(scored, chunk))

        return float(np.concatenate(list(one_by_one())).mean())

    return value


def distance(
    what: str,
    made: Callable[[str], features.FeaturesOf],
    between: Callable[[np.ndarray, np.ndarray], float],
    truth: Callable[[Path], Path],
) -> Callable[[TestSet, str], float]:
    """Return a metric's value as a distance between the results' and the truth's features."""

    def value(test_set: TestSet, made_by: str) -> float:
        if len(test_set.matches) < 2:
            raise ValueError(
                f"There is {len(test_set.matches)} pair, but a distance between sets needs at "
                "least 2: evaluate more of them."
            )
        network = cache(lambda: made(test_set.device))

        def of(files: list[Path], whose: str) -> np.ndarray:
            return np.concatenate(
                [
                    test_set.kept.array(
                        [what, made_by, [mark(file) for file in chunk]],
                        lambda chunk=chunk: network()(chunk),
                    )
                    for chunk in chunks(files, f"{what}, {whose}")
                ]
            )

        results = of([match.result for match in test_set.matches], "results")
        truths = of([truth(match.truth) for match in test_set.matches], "truth")
        return between(results, truths)

    return value


def chunks(whole: Sequence[T], what: str) -> Iterator[Sequence[T]]:
    """Yield the sequence in pieces, with a progress bar."""
    with tqdm(total=len(whole), desc=what, unit="picture", leave=False) as bar:
        for start in range(0, len(whole), CHUNK):
            chunk = whole[start : start + CHUNK]
            yield chunk
            bar.update(len(chunk))
