"""Which examples every batch of a training holds: all known before it begins.

A plan depends on the triples, the sizes and the seed alone, so a run that goes on draws what the
uncut one would have drawn, and what has to be encoded is known.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from any2any_core.geometry import Size
from any2any_core.triples import Triple

from .examples import Example


def triples_by_task(
    triples: tuple[Triple, ...], weights: dict[str, float]
) -> dict[str, list[Triple]]:
    """Return the triples that serve each task, as examples of it.

    Raises:
        ValueError: a task that no triple serves.
    """
    result: dict[str, list[Triple]] = {task: [] for task in weights}
    for triple in triples:
        for task in weights or (triple.task,):
            if triple.serves(task):
                result.setdefault(task, []).append(triple.for_task(task))
    for task, served in result.items():
        if not served:
            raise ValueError(
                f"--tasks asks for {task}, but none of the {len(triples)} triples has the pictures "
                "for it: leave that task out, or add triples with person, garment and target."
            )
    return result


def task_shares(
    by_task: dict[str, list[Triple]], weights: dict[str, float]
) -> tuple[list[str], list[float]]:
    """Return the tasks and their shares: as asked for, else by how many triples have each."""
    total = sum(map(len, by_task.values()))
    shares = weights or {task: len(served) / total for task, served in by_task.items()}
    return list(shares), list(shares.values())


def planned(
    by_task: dict[str, list[Triple]],
    weights: dict[str, float],
    sizes: tuple[Size, ...],
    batch: int,
    seed: int,
) -> Iterator[list[Example]]:
    """Yield batches without end; the examples of one have the same shape.

    A task's triples are dealt like cards: all of them before one comes again. As many draws as
    there are triples are sorted into batches by shape; what fills none is a smaller batch.
    """
    rng = np.random.default_rng(seed)
    tasks, shares = task_shares(by_task, weights)
    decks: dict[str, list[int]] = {task: [] for task in tasks}
    round_ = max(batch, sum(map(len, by_task.values())))
    while True:
        waiting: dict[tuple, list[Example]] = {}
        for _ in range(round_):
            task = tasks[rng.choice(len(tasks), p=shares)]
            deck = decks[task] = decks[task] or rng.permutation(len(by_task[task])).tolist()
            example = Example(by_task[task][deck.pop()], sizes[rng.integers(len(sizes))])
            group = waiting.setdefault(example.shape, [])
            group.append(example)
            if len(group) == batch:
                yield waiting.pop(example.shape)
        yield from waiting.values()


def check_shapes(by_task: dict[str, list[Triple]], sizes: tuple[Size, ...]) -> None:
    """Check every triple at every size before anything is encoded.

    Raises:
        ValueError: the first that does not fit, with its file.
    """
    for served in by_task.values():
        for triple in served:
            for size in sizes:
                _ = Example(triple, size).shape
