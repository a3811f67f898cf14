"""Runs pieces, each in a process of its own, so that memory and compiled code end with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

from devtools.comfyui import ROOT, ended_by_sigterm

from .pieces import Piece, Plan, is_made

MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 34)}
"""Let the C library keep what it was given: asking the system anew costs a tenth of the time."""
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Two runs on a core each get further than one on two."""


def done(plan: Plan, pieces: Iterable[Piece], workers: int) -> list[Piece]:
    """Make the pieces that are not made, `workers` at a time, and return those that failed.

    Whatever ends this process ends the pieces that are being made; none is begun after it.
    """
    pieces, running = [piece for piece in pieces if not is_made(plan, piece)], set()
    with ended_by_sigterm(), ThreadPoolExecutor(workers) as pool:
        try:
            statuses = list(pool.map(lambda piece: status(plan, piece, running), pieces))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.terminate()
            raise
    return [piece for piece, code in zip(pieces, statuses) if code]


def status(plan: Plan, piece: Piece, running: set[subprocess.Popen]) -> int:
    """Return a piece's exit status, 0 for success; it stands in `running` until then."""
    command = [sys.executable, "-m", "training.ablation.pieces", *map(str, astuple(plan)), *piece]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | MEMORY | THREADS)
    running.add(process)
    code = process.wait()
    running.discard(process)
    return code
