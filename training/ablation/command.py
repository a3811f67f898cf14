"""The ablation: every row and seed trained and scored alike, in pieces that a stop does not lose.

Each run goes on from its checkpoint with the batches that an uncut run would have had. What is
made lies in a folder named after all that made it (the demo's weights, steps, sizes of the sets),
so that other settings never mix. `--report` writes docs/proof.md from what there is so far.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

from devtools.comfyui import ROOT

from ..export import DEMO
from ..shipped import FILES
from .pieces import Piece, Plan
from .report import report
from .rows import ROWS
from .runner import done
from .unseen import OTHERS, TRAINED

VERSION = 2
"""Goes up when the same settings make other numbers."""
STEPS, SEEDS, TRIPLES, OTHER_TRIPLES, CHUNKS = 500, 3, 200, 64, 15
"""Two and a half hours for two workers, at 1.3 s a step and 4 minutes to score a run."""

STANDS_ON = ("base", "text", "autoencoder")
"""What of a demo every row begins with."""


def main(arguments: list[str] | None = None) -> int:
    options = options_of(arguments)
    try:
        plan = plan_of(options)
        print(f"work folder: {plan.work}", flush=True)
        if not options.report and (failed := made(plan, options)):
            pieces = ", ".join(map(" ".join, failed))
            print(f"failed: {pieces}; the errors are above", file=sys.stderr)
            return 1
        print(report(plan, options.seeds))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 1
    return 0


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """Return the command's words."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / ".any2any" / "ablation")
    parser.add_argument(
        "--demo", type=Path, default=DEMO, help="folder with base, words and autoencoder (demo)"
    )
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--steps", type=int, default=STEPS, help=f"of a run ({STEPS})")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"runs of a row ({SEEDS})")
    parser.add_argument("--triples", type=int, default=TRIPLES, help=f"unseen try-ons ({TRIPLES})")
    parser.add_argument(
        "--others",
        type=int,
        default=OTHER_TRIPLES,
        help=f"... at each size never trained ({OTHER_TRIPLES})",
    )
    parser.add_argument(
        "--pool", type=int, default=CHUNKS, help=f"hundreds of persons to train on ({CHUNKS})"
    )
    parser.add_argument(
        "--workers", type=int, default=2, help="runs at a time, one thread each (2)"
    )
    parser.add_argument("--report", action="store_true", help="only write what there is so far")
    return parser.parse_args(arguments)


def plan_of(options: argparse.Namespace) -> Plan:
    """Return the plan, its folder named after all that makes the numbers.

    Raises:
        ValueError: a number below 1, or a demo's file is missing.
    """
    for name in ("steps", "seeds", "triples", "others", "pool", "workers"):
        if getattr(options, name) < 1:
            raise ValueError(f"--{name} is {getattr(options, name)}, but at least 1 was expected.")
    amounts = (options.steps, options.pool, options.triples, options.others)
    digest = hashlib.sha256(repr((VERSION, *amounts)).encode())
    for name in (FILES[part] for part in STANDS_ON):
        if not (options.demo / name).is_file():
            raise ValueError(
                f"--demo is '{options.demo}', which has no {name}, but the weights were expected "
                "there: give a folder like the pack's own demo."
            )
        digest.update((options.demo / name).read_bytes())
    return Plan(options.work / digest.hexdigest()[:12], options.demo.resolve(), *amounts)


def made(plan: Plan, options: argparse.Namespace) -> list[Piece]:
    """Make what is not made yet, the data first; return the pieces that failed."""
    plan.work.mkdir(parents=True, exist_ok=True)
    data = [("pool", str(number)) for number in range(plan.chunks)]
    data += [("unseen", str(size)) for size in (TRAINED, *OTHERS)]
    runs = [("row", name, str(seed)) for seed in range(options.seeds) for name in options.rows]
    started = time.monotonic()
    failed = done(plan, data, options.workers) or done(plan, runs, options.workers)
    print(f"{(time.monotonic() - started) / 3600:.2f} hours", flush=True)
    return failed
