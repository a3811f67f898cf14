"""The training from end to end: data, encodings, base, steps, file."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from any2any_core.png import write_png
from any2any_core.triples import Triple

from ..data import named_columns, triples_at
from ..device import attention_on, chosen_device
from ..isolated import isolate
from .adapter import add_lora, lora_parameters, made_average, made_optimizer, made_schedule
from .autoencoders import loaded_autoencoder
from .base import loaded_transformer, store_as_float8
from .batches import batch_loss, read_batch
from .checkpoint import State, resume, save_checkpoint
from .encoded import Cache, file_key
from .examples import Example, full_size
from .export import published_weights, with_alphas, write_lora
from .files import Files, files_of
from .log import Log, say
from .plan import check_shapes, planned, task_shares, triples_by_task
from .settings import Settings
from .sheet import samples_sheet
from .sizes import bucket_sizes
from .tasks import task_weights


@dataclass(frozen=True, eq=False)
class Work:
    """What the steps work on: every batch of the run, the examples to look at, and what says
    whether a checkpoint is of the same data.
    """

    batches: list[list[Example]]
    shown: list[Example]
    tasks: tuple[str, ...]
    data: str


def train(settings: Settings) -> Path:
    """Train to `settings.steps`, from the last checkpoint if there is one; return the LoRA file.

    Raises:
        ValueError: anything about settings, data or files that does not fit, before any training.
    """
    torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(True)  # on the CPU too
    device = chosen_device(settings.device)
    files = files_of(settings)
    work = planned_work(settings, files)
    cache = encoded_work(settings, files, work, device)
    transformer = prepared_transformer(settings, files, device)
    with attention_on(device):
        reached = steps(settings, files, work, cache, transformer)
    return exported(settings, files, work, reached, transformer)


def planned_work(settings: Settings, files: Files) -> Work:
    """Return all batches of the run, checked."""
    triples = triples_at(
        Path(settings.data),
        named_columns(settings.columns),
        Path(settings.pictures) if settings.pictures else None,
    )
    seen, held_out = split(triples, settings.held_out, settings.seed)
    weights = task_weights(settings.tasks)
    by_task = triples_by_task(seen, weights)
    sizes = bucket_sizes(files.sizes, settings.buckets, settings.seed)
    check_shapes(by_task, sizes)
    draws = planned(by_task, weights, sizes, settings.batch, settings.seed)
    batches = list(islice(draws, settings.steps * settings.accumulation))
    tasks, _ = task_shares(by_task, weights)
    shown = shown_examples(held_out, tasks, sizes)
    return Work(batches, shown, tuple(sorted(tasks)), data_key(triples, files.transformer))


def split(
    triples: tuple[Triple, ...], held_out: int, seed: int
) -> tuple[tuple[Triple, ...], tuple[Triple, ...]]:
    """Return the triples to train on and those held out.

    Raises:
        ValueError: nothing is left to train on.
    """
    if len(triples) <= held_out:
        raise ValueError(
            f"There are {len(triples)} triples and {held_out} are held out, but at least one to "
            "train on was expected: add triples or lower --held-out."
        )
    order = np.random.default_rng([seed, len(triples)]).permutation(len(triples))
    return tuple(triples[i] for i in order[held_out:]), tuple(triples[i] for i in order[:held_out])


def shown_examples(held_out: tuple[Triple, ...], tasks: list[str], sizes: tuple) -> list[Example]:
    """Return the examples of the sheet: the tasks and the sizes take turns."""
    examples = []
    for number, triple in enumerate(held_out):
        turns = tasks[number % len(tasks) :] + tasks[: number % len(tasks)]
        if task := next(filter(triple.serves, turns), None):
            examples.append(Example(triple.for_task(task), sizes[number % len(sizes)]))
    return examples


def data_key(triples: tuple[Triple, ...], base: Path) -> str:
    """Return what stands for triples and base in a checkpoint, wherever they lie."""
    facts = [f"{base.name} {base.stat().st_size if base.is_file() else ''}"]
    for triple in triples:
        sizes = [full_size(picture) for picture in triple.pictures]
        facts.append(f"{triple.name} {triple.task} {triple.prompt} {sizes}")
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def encoded_work(settings: Settings, files: Files, work: Work, device: torch.device) -> Cache:
    """Return the cache with all that the run reads; the encoders are let go of again."""
    cache = Cache(
        folder=Path(settings.cache or Path(settings.out) / "encoded"),
        together=settings.encode == "together",
        pictures=file_key(files.autoencoder),
        texts=files.texts_key,
    )
    examples = [example for batch in work.batches for example in batch] + work.shown

    def told(what: str):
        return lambda done, count: say(encoding=what, done=done, of=count)

    prompts = [example.triple.prompt for example in examples]
    cache.encode_texts(prompts, lambda: files.texts(device), told("prompts"))
    cache.encode_pictures(
        examples, lambda: loaded_autoencoder(files.autoencoder), device, told("pictures")
    )
    return cache


def prepared_transformer(settings: Settings, files: Files, device: torch.device):
    """Return the frozen base on its device, with an untrained LoRA."""
    dtype = torch.bfloat16 if settings.precision == "bf16" else torch.float32
    transformer = loaded_transformer(files.transformer, dtype)
    add_lora(transformer, settings)
    if settings.base_weights == "float8":
        store_as_float8(transformer)
    if settings.isolated:
        isolate(transformer)
    if settings.checkpointing:
        transformer.enable_gradient_checkpointing()
    return transformer.to(device).train()


def steps(settings: Settings, files: Files, work: Work, cache: Cache, transformer) -> int:
    """Take the steps that are left and return how many it has had; its LoRA ends as the average."""
    parameters = lora_parameters(transformer)
    weights = list(parameters.values())
    optimizer = made_optimizer(weights, settings)
    state = State(
        parameters, optimizer, made_schedule(optimizer, settings), made_average(weights, settings)
    )
    out = Path(settings.out)
    checkpoint, log = out / "checkpoint.safetensors", Log(out)
    first = resume(checkpoint, state, settings, work.data)
    log.cut_after(first)
    losses: list[float] = []
    began = time.monotonic()
    for step in range(first + 1, settings.steps + 1):
        losses.append(take_step(transformer, state, settings, work, cache, step))
        if step % settings.log_every == 0 or step == settings.steps:
            log.add(
                step=step,
                of=settings.steps,
                loss=sum(losses) / len(losses),
                rate=state.schedule.get_last_lr()[0],
                seconds=(time.monotonic() - began) / len(losses),
            )
            log.draw()
            losses, began = [], time.monotonic()
        if step % settings.checkpoint_every == 0 or step == settings.steps:
            save_checkpoint(checkpoint, state, step, settings, work.data)
        if settings.sheet_every and step % settings.sheet_every == 0 and work.shown:
            show_samples(settings, files, work, cache, transformer, state, step)
    if state.average:
        state.average.copy_to(weights)
    return max(first, settings.steps)


def take_step(
    transformer, state: State, settings: Settings, work: Work, cache: Cache, step: int
) -> float:
    """Take one step of the optimizer and return its loss."""
    total = 0.0
    for number in range((step - 1) * settings.accumulation, step * settings.accumulation):
        batch = read_batch(work.batches[number], cache, settings.layout_name).to(transformer.device)
        loss = batch_loss(transformer, batch, settings, number) / settings.accumulation
        loss.backward()
        total += loss.item()
    weights = list(state.parameters.values())
    torch.nn.utils.clip_grad_norm_(weights, settings.clip_norm)
    state.optimizer.step()
    state.optimizer.zero_grad()
    state.schedule.step()
    if state.average:
        state.average.step(weights)
    return total


def show_samples(
    settings: Settings, files: Files, work: Work, cache: Cache, transformer, state: State, step: int
) -> None:
    """Write the sheet of samples of the average weights."""
    weights = list(state.parameters.values())
    if state.average:
        state.average.store(weights)
        state.average.copy_to(weights)
    autoencoder = loaded_autoencoder(files.autoencoder)
    picture = samples_sheet(transformer.eval(), autoencoder, work.shown, cache, settings)
    transformer.train()
    if state.average:
        state.average.restore(weights)
    path = Path(settings.out) / "samples" / f"step_{step:06}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(picture, path)
    say(step=step, of=settings.steps, samples=str(path))


def exported(settings: Settings, files: Files, work: Work, reached: int, transformer) -> Path:
    """Write the LoRA and return its path."""
    facts = {
        "task": ", ".join(work.tasks),
        "trained_on": files.transformer.name,
        **settings.making,
        "steps": reached,
        "layout": settings.layout_name,
        "alpha": settings.scale_alpha,
        "sizes": files.sizes,
    }
    path = Path(settings.lora_folder or settings.out) / f"{settings.name}.safetensors"
    write_lora(with_alphas(published_weights(transformer), settings.scale_alpha), path, facts)
    say(step=reached, of=settings.steps, lora=str(path))
    return path
