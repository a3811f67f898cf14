"""The ablation: rows differ in what they say and in nothing else; stopped runs go on; tables."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from oracle import isolated as isolated_oracle
from oracle import method as oracle
from oracle.noise import condition_noise
from oracle.schedule import published_sigmas

from any2any_core.demo_text import token_ids
from any2any_core.geometry import Size
from any2any_core.positions import Grid
from any2any_core.prompts import task_prompt
from devtools.flux import flux_transformer, tokens
from training.ablation import command, report, runner, score, table, train
from training.ablation import pool as pool_module
from training.ablation.learner import RowLearner
from training.ablation.measures import MEASURES
from training.ablation.pieces import Plan, is_made, make
from training.ablation.pool import WORN, Pool, drawn_chunk
from training.ablation.rows import FULL, ROWS, SPREAD, Row
from training.ablation.score import numbers_path, sampled, starting_noise, untokens
from training.ablation.tryons import drawn_step
from training.ablation.unseen import OTHERS, TRAINED
from training.autoencoder import Autoencoder
from training.export import DEMO, base_weights
from training.loop import rate_share
from training.shipped import weights_of
from training.stage import Average, Stage

PERSONS, TOPS = 5, 6


@pytest.fixture(scope="module")
def pool() -> Pool:
    """Random latents of a small size: 3 by 2 tokens."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, 16, 6, 4, generator=generator).bfloat16()

    return Pool(
        worn=draw(PERSONS, WORN),
        flat=draw(TOPS),
        tops=torch.randint(TOPS, (PERSONS, WORN), generator=generator),
        person=draw(PERSONS, WORN),
        garment=draw(PERSONS, WORN),
        clothes=torch.rand(PERSONS, WORN, 6, generator=generator).bfloat16(),
    )


def step_of(name: str, pool: Pool, seed: int = 1, step: int = 7):
    return drawn_step(ROWS[name], pool, seed, step)


def differing(one, other) -> set[str]:
    """Return the fields in which two steps differ, those of their try-ons included."""
    here, there = (vars(step) | vars(step.tryons) for step in (one, other))
    return {name for name in here if name != "tryons" and not same(here[name], there[name])}


def same(one, other) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return torch.equal(one, other)
    return one is other or one == other


@pytest.mark.parametrize(
    "name, fields",
    [
        pytest.param("canvas", {"ids"}, id="canvas: the ids"),
        pytest.param("noised", {"condition_noise"}, id="noised: the conditions' noise"),
        pytest.param("beside", {"ids"}, id="beside: the ids"),
        pytest.param("separate", {"conditions"}, id="separate: the conditions' latents"),
        pytest.param("isolated", set(), id="isolated: nothing but the attention"),
    ],
)
def test_a_row_differs_from_full_in_what_it_says(name, fields, pool):
    assert differing(step_of(name, pool), step_of("full", pool)) == fields


def test_noised_conditions_are_the_clean_ones_and_noise(pool):
    noised, full = step_of("noised", pool), step_of("full", pool)
    level = torch.tensor([0.0, 0.25, 1.0] + [0.5] * 5)
    got = noised.tryons.conditions_at(level)
    clean, noise = noised.tryons.conditions, noised.tryons.condition_noise
    assert torch.equal(got[0], clean[0])
    torch.testing.assert_close(got[1], 0.75 * clean[1] + 0.25 * noise[1])
    assert torch.equal(got[2], noise[2])
    assert torch.equal(full.tryons.conditions_at(level), clean)


def test_ids_of_panels_as_far_apart_as_trained():
    narrow = Grid(1, 7)
    xs = SPREAD.ids(narrow, narrow, narrow)[:, 2].int().tolist()
    assert xs == [*range(7), *range(9, 16), *range(18, 25)]
    trained = [Grid(1, 9)] * 3
    assert torch.equal(SPREAD.ids(*trained), ROWS["canvas"].ids(*trained))


def test_ids():
    """A target and a person of 1x2 tokens, a garment of 1x1."""
    grids = Grid(1, 2), Grid(1, 2), Grid(1, 1)
    ids = {name: row.ids(*grids).int().tolist() for name, row in ROWS.items()}
    adaptive = [[0, 0, 0], [0, 0, 1], [1, 0, 0], [1, 0, 1], [2, 0, 2]]
    assert ids.pop("canvas") == [[0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 0, 3], [0, 0, 4]]
    assert ids.pop("beside") == [[0, 0, 0], [0, 0, 1], [1, 0, 2], [1, 0, 3], [2, 0, 4]]
    assert all(one == adaptive for one in ids.values())


def test_separate_takes_the_very_pictures_by_themselves(pool):
    """Person in the next top, garment of this one; together they are the triple's own."""
    step = step_of("separate", pool)
    places = [
        (person, place)
        for clean in step.clean
        for person in range(PERSONS)
        for place in range(WORN)
        if torch.equal(tokens(pool.worn[person, place][None].float())[0], clean)
    ]
    for conditions, (person, place) in zip(step.tryons.conditions, places, strict=True):
        latents = pool.worn[person, (place + 1) % WORN], pool.flat[pool.tops[person, place]]
        expected = torch.cat([tokens(one[None].float())[0] for one in latents])
        assert torch.equal(conditions, expected)


def test_every_step_and_seed_has_a_draw_of_its_own(pool):
    first = step_of("full", pool)
    assert differing(step_of("full", pool), first) == set()
    for other in (step_of("full", pool, step=8), step_of("full", pool, seed=2)):
        assert differing(other, first) >= {"noise", "sigmas"}


# Sampling and learning, on small random weights


PROMPT = torch.tensor([token_ids(task_prompt("try-on"))])
SIZE = Size(32, 48)
LATENTS = [torch.randn(2, 16, 6, w, generator=torch.Generator().manual_seed(w)) for w in (4, 6)]


def small_learner(row: Row, seed: int = 0) -> RowLearner:
    torch.manual_seed(seed)
    transformer = flux_transformer(2, (4, 6, 6), 1, 2)
    for name, weight in transformer.named_parameters():
        if weight.ndim == 2 and ".attn." in name:
            torch.nn.init.normal_(weight, std=1.2 * weight.shape[1] ** -0.5)
    return RowLearner(row, transformer, torch.float32)


def embedded(learner: RowLearner) -> tuple[torch.Tensor, torch.Tensor]:
    return tuple(one.detach() for one in learner.words(PROMPT))


@pytest.mark.parametrize("name", ["full", "canvas", "noised", "separate"])
def test_sampling_is_the_oracles(name):
    learner = small_learner(ROWS[name])
    text, pooled = embedded(learner)
    side = oracle.Conditioning(
        text,
        pooled,
        layout=ROWS[name].layout,
        person=LATENTS[0],
        garments=LATENTS[1:],
        noises=condition_noise([(16, 6, 4), (16, 6, 6)]) if name == "noised" else None,
    )
    start = starting_noise(3, 2, SIZE)
    sigmas = published_sigmas(4, side.image_seq_len(start))
    expected = oracle.sampled(learner.transformer, start, sigmas, side)
    got = untokens(sampled(learner, LATENTS, start, steps=4), SIZE)
    assert oracle.relative_difference(got, expected) < 1e-5


def test_isolated_sampling_is_the_masked_computation():
    """The keys that are computed once serve every step."""
    learner = small_learner(ROWS["isolated"])
    text, pooled = (one.expand(2, *one.shape[1:]) for one in embedded(learner))
    ids = ROWS["isolated"].ids(Grid(3, 2), Grid(3, 2), Grid(3, 3))
    start = starting_noise(0, 2, SIZE)
    conditions = torch.cat([tokens(one) for one in LATENTS], dim=1)
    expected, sigmas = tokens(start), published_sigmas(3, len(ids))
    for sigma, following in pairwise(sigmas):
        sequence = torch.cat([expected, conditions], dim=1)
        rest = sigma.expand(2), ids, text, pooled, torch.full((2,), 3.5)
        with torch.no_grad():
            velocity = isolated_oracle.isolated_velocity(learner.transformer, sequence, 6, *rest)
        expected = expected + (following - sigma) * velocity
    got = sampled(learner, LATENTS, start, steps=3)
    assert oracle.relative_difference(got, expected) < 1e-5


def test_tokens_and_back():
    latent = starting_noise(0, 2, SIZE)
    assert torch.equal(untokens(tokens(latent), SIZE), latent)


def trained_weights(work: Path, row: Row, pool: Pool, steps: int = 6) -> dict[str, torch.Tensor]:
    """Return the LoRA that a run ends with."""
    learner = train.trained(work, row, 1, steps, pool, small_learner)
    return {name: one for name, one in learner.state_dict().items() if "lora_" in name}


def test_a_seeds_lora_begins_alike_in_every_row():
    states = [small_learner(row, 3).state_dict() for row in ROWS.values()]
    for state in states[1:]:
        assert all(torch.equal(weight, states[0][name]) for name, weight in state.items())


@pytest.mark.parametrize("name", ["noised", "isolated"])
def test_a_stopped_run_goes_on_as_the_uncut_one(name, pool, tmp_path, monkeypatch):
    uncut = trained_weights(tmp_path / "uncut", ROWS[name], pool)
    monkeypatch.setattr(Stage, "due", lambda stage: True)
    update = Average.update

    def stopped(average: Average, module) -> None:
        update(average, module)
        if average.steps == 4:  # after the checkpoint of step 3
            raise KeyboardInterrupt

    monkeypatch.setattr(Average, "update", stopped)
    with pytest.raises(KeyboardInterrupt):
        trained_weights(tmp_path / "cut", ROWS[name], pool)
    monkeypatch.setattr(Average, "update", update)
    calls = []
    monkeypatch.setattr(train, "drawn_step", lambda *a: calls.append(a[-1]) or drawn_step(*a))
    went_on = trained_weights(tmp_path / "cut", ROWS[name], pool)
    assert calls == [4, 5, 6]
    assert all(torch.equal(weight, uncut[name]) for name, weight in went_on.items())
    assert [path.name for path in (tmp_path / "cut").glob("*.pt")] == []


def test_a_finished_run_is_not_made_again(pool, tmp_path, monkeypatch):
    first = trained_weights(tmp_path, FULL, pool)
    monkeypatch.setattr(train, "run", None)
    again = trained_weights(tmp_path, FULL, pool)
    assert all(torch.equal(weight, first[name]) for name, weight in again.items())


def test_rates_rise_at_first_and_fall_to_nothing():
    shares = [rate_share(step, 1000) for step in (1, 50, 100, 500, 800, 900, 1000)]
    assert shares == pytest.approx([0.01, 0.5, 1, 1, 1, 0.505, 0.005])


# Unseen sizes


def test_sizes_are_whole_tokens_that_training_never_has():
    assert TRAINED not in OTHERS
    assert all(size.width % 16 == size.height % 16 == 0 for size in OTHERS)


# Tables out of kept numbers


def keep(work: Path, name: str, seed: int, psnr: list[float], size: Size = TRAINED) -> None:
    path = numbers_path(work, name, seed, size)
    path.write_text(json.dumps({"psnr": psnr, "garment": [40 - one for one in psnr]}))


def test_rows_are_compared_pair_by_pair(tmp_path):
    """Hard and easy pictures differ by 10 dB, the rows by 1 dB on each: the interval is small."""
    easy = [30.0, 20.0, 31.0, 21.0]
    for seed in (0, 1):
        keep(tmp_path, "full", seed, easy)
        keep(tmp_path, "canvas", seed, [one - 1 for one in easy])
    apart = table.difference(table.read_numbers(tmp_path, 2), "canvas", TRAINED, "psnr")
    assert (apart.mean, apart.over_tryons, apart.over_seeds) == pytest.approx((-1, 0, 0))
    assert apart.decided
    assert table.better(apart, MEASURES["psnr"]) == "worse"


def test_intervals_are_students(tmp_path):
    """Differences 1, 2, 3 and 3, 4, 5: t is 4.303 for three try-ons and 12.71 for two seeds."""
    for seed, first in ((0, 1.0), (1, 3.0)):
        keep(tmp_path, "full", seed, [20.0, 20.0, 20.0])
        keep(tmp_path, "noised", seed, [20 + first, 21 + first, 22 + first])
    apart = table.difference(table.read_numbers(tmp_path, 2), "noised", TRAINED, "psnr")
    assert apart.mean == pytest.approx(3)
    assert apart.over_tryons == pytest.approx(4.303 / 3**0.5, abs=1e-3)
    assert apart.over_seeds == pytest.approx(12.706, abs=1e-3)
    assert not apart.decided


def test_a_seed_that_one_row_lacks_is_not_compared(tmp_path):
    keep(tmp_path, "full", 0, [20.0, 22.0])
    keep(tmp_path, "canvas", 0, [19.0, 22.0])
    keep(tmp_path, "canvas", 1, [10.0, 10.0])
    apart = table.difference(table.read_numbers(tmp_path, 2), "canvas", TRAINED, "psnr")
    assert apart.mean == pytest.approx(-0.5)
    assert apart.over_seeds is None and not apart.decided
    assert "one seed" in table.written_difference(apart, 2)


def test_the_tables_have_what_was_kept(tmp_path):
    for seed in (0, 1):
        for size in (TRAINED, *OTHERS):
            keep(tmp_path, "full", seed, [20.0 + seed, 22.0 + seed], size)
            keep(tmp_path, "isolated", seed, [19.9 + seed, 21.9 + seed], size)
    numbers = table.read_numbers(tmp_path, 2)
    lines = table.main_table(numbers).splitlines()
    rows = {cells[1]: cells[2:4] for cells in ([c.strip() for c in x.split("|")] for x in lines)}
    assert rows["full"] == ["21.50", ""]
    assert rows["isolated conditions"] == ["21.40", "-0.10 ± 0.00 (seeds ± 0.00)"]
    assert "SSIM" not in lines[0]  # nobody measured it
    assert table.sizes_table(numbers).count("-0.10") == 1 + len(OTHERS)
    assert "20.90" in table.seeds_table(numbers)


def test_only_what_stands_between_the_marks_is_written():
    page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    written = report.with_part(page, "new")
    assert written == f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n"
    assert report.with_part(written, "new") == written
    with pytest.raises(ValueError, match="put both lines back"):
        report.with_part("no marks", "new")


# Pieces


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Plan:
    """Two steps, two try-ons, a handful of dolls, two steps of sampling; the demo's own weights."""
    monkeypatch.setattr(pool_module, "drawn_chunk", lambda a, n: drawn_chunk(a, n, persons=5))
    monkeypatch.setattr(score, "STEPS", 2)
    return Plan(tmp_path, DEMO, steps=2, chunks=2, triples=2, others=1)


def files(plan: Plan, pattern: str) -> set[str]:
    return {path.name for path in plan.work.glob(pattern)}


@pytest.mark.slow
def test_every_piece_makes_its_files(tiny):
    pieces = [("pool", "0"), ("pool", "1"), *(("unseen", str(size)) for size in (TRAINED, *OTHERS))]
    pieces.append(("row", "separate", "4"))
    for piece in pieces:
        assert not is_made(tiny, piece)
        make(tiny, *piece)
        assert is_made(tiny, piece)
    assert files(tiny, "*.part") | files(tiny, "*.pt") == set()
    numbers = table.read_numbers(tiny.work, 5)
    assert {row for row, _, _ in numbers} == {"separate", "given", "autoencoder"}
    assert len(numbers["separate", 4, str(TRAINED)]["psnr"]) == 2
    assert len(numbers["separate", 4, str(OTHERS[0])]["garment"]) == 1
    assert numbers["autoencoder", 0, str(TRAINED)]["psnr"].mean() > 25
    page, folder = tiny.work / "page.md", tiny.work / "proof"
    page.write_text(f"{report.BEGIN}\n{report.END}\n")
    report.report(tiny, 5, page, folder)
    assert "Runs of 2 steps: 1 (1 rows, 1 seeds)" in page.read_text()


def test_the_same_doll_stands_in_both_encodings(tiny):
    """Joined pictures differ from single ones at their seam alone."""
    autoencoder = Autoencoder()
    autoencoder.load_state_dict(weights_of("autoencoder", DEMO))
    pool = Pool(**drawn_chunk(autoencoder, 0, persons=4))
    source = pool.worn.roll(-1, dims=1)  # what number i + 1 wears
    garment = pool.flat[pool.tops]
    for joined, single, far in ((pool.person, source, 0), (pool.garment, garment, -1)):
        off = (joined.float() - single.float()).abs().mean((0, 1, 2, 3))  # by column
        assert off[far] < 0.05 < off[-1 - far]


def test_a_piece_that_fails_is_named_and_the_others_are_made(tiny, monkeypatch):
    def command(plan, piece):
        word = f"open({str(plan.work / piece[1])!r}, 'w'); raise SystemExit({piece[1]} == 0)"
        return [sys.executable, "-c", word]

    monkeypatch.setattr(runner, "command", command)
    pieces = [("pool", "0"), ("pool", "1")]
    assert runner.done(tiny, pieces, workers=1) == [("pool", "0")]
    assert files(tiny, "*") == {"0", "1"}


def test_what_ends_the_command_ends_its_pieces(tiny, monkeypatch):
    """Two of them wait for ever; a third would begin when they end."""
    processes = runner.Processes()
    monkeypatch.setattr(runner, "Processes", lambda: processes)
    waiting = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(runner, "command", lambda plan, piece: waiting)
    begun = []

    def interrupted() -> None:
        while len(begun) < 2:
            begun[:] = processes.running.copy()
            time.sleep(0.01)
        # To the main thread, as from outside: it waits in a lock that no other's signal wakes.
        signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)

    threading.Thread(target=interrupted).start()
    with pytest.raises(SystemExit):
        runner.done(tiny, [("pool", "0"), ("pool", "1"), ("row", "full", "0")], workers=2)
    assert processes.running == set()
    assert [process.returncode < 0 for process in begun] == [True, True]


def test_other_weights_or_settings_never_mix(monkeypatch):
    def folder(*words: str) -> Path:
        return command.plan_of(command.options_of(list(words))).work

    assert folder() == folder("--workers", "1", "--seeds", "7", "--rows", "full")
    others = {folder(), folder("--steps", "9"), folder("--triples", "9"), folder("--pool", "9")}
    monkeypatch.setattr(command, "FILES", dict.fromkeys(command.STANDS_ON, "README.md"))
    assert len(others | {folder()}) == 5


@pytest.mark.parametrize(
    "words, sentence",
    [
        pytest.param(["--steps", "0"], "--steps is 0, but at least 1", id="no step"),
        pytest.param(["--demo", "nowhere"], "which has no diffusion_models/", id="no weights"),
        pytest.param(["--report", "--steps", "77"], "no scored run of 77 steps", id="too early"),
    ],
)
def test_bad_words_get_a_sentence(words, sentence, tmp_path, capsys):
    assert command.main(["--work", str(tmp_path), *words]) == 1
    assert sentence in capsys.readouterr().err


def test_the_demos_base_comes_back_by_its_names():
    """The learner's transformer, LoRA left out, is what was exported."""
    learner = train.untrained(FULL, 0, DEMO, torch.device("cpu"))
    exported = base_weights(learner.transformer)
    for name, weight in weights_of("base", DEMO).items():
        assert torch.equal(exported[name], weight)
