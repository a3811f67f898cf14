"""Which jobs the steps of each stage take turns with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .batches import Batch, Batches
from .look_batches import LookBatches
from .looks import Looks, read_looks
from .pool import Pool, read_pool
from .sized import Sized, SizedBatches, read_sized


@dataclass(frozen=True)
class Pools:
    """What all stages but the autoencoder's draw from."""

    tops: Pool
    looks: Looks
    sized: list[Sized]

    def split(self, share: float) -> tuple[Pools, Pools]:
        """Return the persons to train on, and those of that share who are held out."""

        def part(count: int, held_out: bool) -> slice:
            first = max(1, int(count * share))
            return slice(first) if held_out else slice(first, None)

        seen, held_out = (
            Pools(
                self.tops.persons(part(len(self.tops.worn), out)),
                self.looks.persons(part(len(self.looks.worn), out)),
                [sized.rows(part(len(sized.target), out)) for sized in self.sized],
            )
            for out in (False, True)
        )
        return seen, held_out


def read_pools(work: Path) -> Pools | None:
    """Return the pools from the work folder, if all are there."""
    tops, looks, sized = read_pool(work), read_looks(work), read_sized(work)
    return Pools(tops, looks, sized) if tops and looks and sized else None


class Draws:
    """Draws batches from all pools, so many times as large as a CPU's."""

    def __init__(self, pools: Pools, seed: int, times: int = 1):
        self.tops = Batches(pools.tops, seed)
        self.looks = LookBatches(pools.looks, seed)
        self.sized = SizedBatches(pools.sized, seed)
        self.times = times


Draw = Callable[[Draws, int], Batch]
PICTURES, SHEETS = 24, 8
"""Single pictures or sheets a batch of the base: about as many tokens."""
TWO_PANELS, THREE_PANELS = 12, 8
"""Jobs with one condition, or with person and garment, a batch."""
CYCLE = 12
"""Steps after which all jobs have had their turns."""


def base_batch(draws: Draws, step: int) -> Batch:
    """Return a base step's batch: two sheets to one of single pictures."""
    tops, looks = draws.tops, draws.looks
    turns = (
        (tops.singles, PICTURES),
        (tops.sheets, SHEETS),
        (looks.sheets, SHEETS),
        (looks.singles, PICTURES),
        (tops.sheets, SHEETS),
        (tops.sheets, SHEETS),
    )
    return taken(draws, turns, step)


def joint_batch(draws: Draws, step: int) -> Batch:
    """Return a try-on of a top every third time, one of the other jobs, or a base's batch."""
    tops, looks = draws.tops, draws.looks
    turns = (
        (tops.singles, PICTURES),
        (tops.tryons, THREE_PANELS),
        (looks.layers, THREE_PANELS),
        (tops.model_frees, TWO_PANELS),
        (tops.tryons, THREE_PANELS),
        (tops.reconstructions, TWO_PANELS),
        (looks.layers, THREE_PANELS),
        (tops.tryons, THREE_PANELS),
        (looks.singles, PICTURES),
        (looks.model_frees, TWO_PANELS),
        (tops.tryons, THREE_PANELS),
        (looks.tryons, THREE_PANELS),
        (looks.reconstructions, TWO_PANELS),
        (tops.model_frees, TWO_PANELS),
        (looks.layers, THREE_PANELS),
        (tops.tryons, THREE_PANELS),
    )
    return taken(draws, turns, step)


def tryon_batch(draws: Draws, step: int) -> Batch:
    """Return try-ons of tops: every third time at another size than the dolls' own."""
    tops, sized = draws.tops, draws.sized
    turns = (tops.tryons, sized.tryons, tops.tryons)
    return taken(draws, tuple((turn, THREE_PANELS) for turn in turns), step)


def any_job_batch(draws: Draws, step: int) -> Batch:
    """Return one job's batch: half the turns are the other garments'."""
    tops, looks = draws.tops, draws.looks
    turns = (
        (tops.model_frees, TWO_PANELS),
        (looks.layers, THREE_PANELS),
        (tops.tryons, THREE_PANELS),
        (looks.reconstructions, TWO_PANELS),
        (looks.tryons, THREE_PANELS),
        (tops.model_frees, TWO_PANELS),
        (looks.layers, THREE_PANELS),
        (tops.tryons, THREE_PANELS),
        (tops.reconstructions, TWO_PANELS),
        (looks.model_frees, TWO_PANELS),
        (looks.layers, THREE_PANELS),
        (tops.tryons, THREE_PANELS),
    )
    return taken(draws, turns, step)


def taken(draws: Draws, turns: tuple[tuple[Callable[[int], Batch], int], ...], step: int) -> Batch:
    """Return the batch of the step's turn."""
    draw, count = turns[step % len(turns)]
    return draw(count * draws.times)
