"""What a training draws: tasks by weight, one shape a batch, every triple before one again."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from training_sets import write_set

from any2any_core.geometry import Size
from any2any_core.triple_folder import folder_triples
from training.lora.plan import check_shapes, planned, triples_by_task
from training.lora.run import split

SIZES = (Size(48, 64), Size(64, 48))
TASKS = {"try-on": 0.5, "model-free": 0.25, "garment reconstruction": 0.25}


@pytest.fixture(scope="module")
def triples(tmp_path_factory):
    return folder_triples(write_set(tmp_path_factory.mktemp("set"), 6, [(48, 64), (96, 64)]))


def drawn(triples, count, weights=None, sizes=SIZES, batch=1, seed=0):
    weights = weights or {}
    by_task = triples_by_task(triples, weights)
    return list(islice(planned(by_task, weights, sizes, batch, seed), count))


def test_tasks_come_by_weight(triples):
    batches = drawn(triples, 4000, TASKS)
    shares = Counter(example.triple.task for (example,) in batches)
    for task, weight in TASKS.items():
        assert shares[task] / 4000 == pytest.approx(weight, abs=0.03)


def test_without_weights_every_triple_keeps_its_task(triples):
    assert {example.triple.task for (example,) in drawn(triples, 50)} == {"try-on"}


def test_examples_of_a_batch_have_one_shape(triples):
    batches = drawn(triples, 200, TASKS, batch=3)
    assert all(len({example.shape for example in batch}) == 1 for batch in batches)
    assert max(map(len, batches)) == 3


def test_all_triples_come_before_one_comes_again(triples):
    order = [batch[0].triple.name for batch in drawn(triples, 60)]
    for start in range(0, 60, 6):
        assert len(set(order[start : start + 6])) == 6


def test_nothing_waits_for_a_full_batch(triples):
    """Of 6 draws with batches of 8, every one is in some batch."""
    batches = drawn(triples, 40, batch=8)
    assert {example.triple.name for batch in batches for example in batch} == {
        triple.name for triple in triples
    }


def test_all_sizes_come(triples):
    assert {example.size for (example,) in drawn(triples, 50)} == set(SIZES)


def test_a_longer_plan_begins_as_a_shorter_one(triples):
    short, long = drawn(triples, 20, TASKS, batch=2), drawn(triples, 90, TASKS, batch=2)
    assert long[:20] == short
    assert drawn(triples, 20, TASKS, batch=2, seed=1) != short


def test_a_task_without_its_pictures_is_refused(tmp_path):
    write_set(tmp_path, 2, lines=False)
    for path in (tmp_path / "person").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="asks for try-on, but none of the 2 triples has"):
        triples_by_task(folder_triples(tmp_path), {"try-on": 1.0})


def test_a_garment_too_wide_beside_a_size_is_refused(tmp_path):
    triples = folder_triples(write_set(tmp_path, 2, [(190, 64)]))
    by_task = triples_by_task(triples, {})
    check_shapes(by_task, (Size(48, 64),))
    with pytest.raises(ValueError, match=r"garment/00\.png picture is 190x64"):
        check_shapes(by_task, (Size(48, 64), Size(32, 128)))


def test_held_out_triples_are_not_trained_on(triples):
    seen, held_out = split(triples, 2, seed=0)
    assert len(seen) == 4 and not set(seen) & set(held_out)
    with pytest.raises(ValueError, match="6 triples and 6 are held out"):
        split(triples, 6, seed=0)
