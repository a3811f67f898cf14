"""One side in a process of its own, so that its peak memory is its own.

Standard library only: on Linux a process inherits the peak of the one that started it.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from .workload import Workload

RUN, FINISH = "run", "finish"
MIB = 2**20


class Side(Protocol):
    """A try-on, loaded and warmed up."""

    def run(self) -> float:
        """Sample once and return the seconds a step."""

    def result(self) -> list:
        """Return the last raw latent [1,16,h,w] as nested lists."""


@dataclass(frozen=True)
class Peaks:
    """Peak resident memory in MiB: of the whole process, and after loading (None: not known)."""

    whole: float
    sampling: float | None


Build = Callable[[Workload, Path], Side]


class SideProcess:
    """Starts at once; every call waits for its answer, so that the other side stays idle."""

    def __init__(self, name: str, build: Build, sizes: Workload, folder: Path):
        self.name = name
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, build, sizes, folder))
        self.process.daemon = True
        self.process.start()
        theirs.close()
        self.answer()

    def answer(self):
        try:
            return self.connection.recv()
        except EOFError:
            sys.exit(f"The {self.name} side ended before it answered; its error is above.")

    def run(self) -> float:
        """Return the seconds a step of one more run."""
        self.connection.send(RUN)
        return self.answer()

    def finished(self) -> tuple[Peaks, list]:
        """End the process; return its peak memory and its result."""
        self.connection.send(FINISH)
        answer = self.answer()
        self.process.join()
        return answer


def serve(connection: Connection, build: Build, sizes: Workload, folder: Path) -> None:
    """Build the side, run it whenever asked, and answer with peak and result at the end."""
    import torch

    torch.set_num_threads(sizes.threads)
    side = build(sizes, folder)
    loading = peak_mib()
    known = forgotten_peak()
    side.run()  # warms up
    connection.send(None)
    while connection.recv() == RUN:
        connection.send(side.run())
    sampling = peak_mib()
    peaks = Peaks(max(loading, sampling), sampling if known else None)
    connection.send((peaks, side.result()))


def forgotten_peak() -> bool:
    """Let this process's peak count from here on; return whether the system can (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def peak_mib() -> float:
    """Return this process's peak resident memory."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MIB if sys.platform == "darwin" else peak * 1024 / MIB
