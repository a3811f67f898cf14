"""Runs pieces, each in a process of its own, so that memory and compiled code end with it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

from devtools.comfyui import ROOT, ended_by_sigterm

from .pieces import Piece, Plan, is_made

MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 34)}
"""Let the C library keep what it was given: asking the system anew costs a tenth of the time."""
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Two runs on a core each get further than one on two."""


class Processes:
    """What is being made; once ended, nothing is begun."""

    def __init__(self):
        self.lock, self.running, self.ended = threading.Lock(), set(), False

    def status(self, command: list[str]) -> int:
        """Return a command's exit status, 0 for success."""
        with self.lock:
            if self.ended:
                return 1
            process = subprocess.Popen(command, cwd=ROOT, env=os.environ | MEMORY | THREADS)
            self.running.add(process)
        code = process.wait()
        self.running.discard(process)
        return code

    def end(self) -> None:
        """End all; their threads then come to their end as well."""
        with self.lock:
            self.ended = True
            for process in list(self.running):
                process.terminate()


def done(plan: Plan, pieces: Iterable[Piece], workers: int) -> list[Piece]:
    """Make the pieces that are not made, `workers` at a time, and return those that failed.

    Whatever ends this process ends the pieces that are being made; none is begun after it.
    """
    pieces, processes = [piece for piece in pieces if not is_made(plan, piece)], Processes()
    with ended_by_sigterm(), ThreadPoolExecutor(workers) as pool:
        try:
            statuses = list(pool.map(processes.status, [command(plan, one) for one in pieces]))
        except BaseException:
            processes.end()
            raise
    return [piece for piece, code in zip(pieces, statuses) if code]


def command(plan: Plan, piece: Piece) -> list[str]:
    """Return the words that make a piece."""
    return [sys.executable, "-m", "training.ablation.pieces", *map(str, astuple(plan)), *piece]
