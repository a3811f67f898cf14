"""pip, with one line of progress."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

TAIL = 15


class InstallError(RuntimeError):
    """The environment cannot be made; the sentence says why and what to do."""


def pip(python: Path, words: list[str], step: str, log: Path, verbose: bool) -> None:
    """Run pip and say which step it is; its output goes to `log`, or to the screen if verbose.

    Raises:
        InstallError: pip failed; its last lines are in the sentence.
    """
    command = [str(python), "-m", "pip", "--no-input", "--disable-pip-version-check", *words]
    print(f"{step} ...", flush=True)
    start = time.monotonic()
    if verbose:
        code, lines = subprocess.call(command), ["(see above)"]
    else:
        code, lines = logged(command, log)
    if code:
        raise InstallError(
            f"{step} failed; pip said:\n  " + "\n  ".join(lines[-TAIL:]) + "\n"
            "Run the same command again to go on, with --verbose to see all of it."
        )
    print(f"  done in {time.monotonic() - start:.0f} s", flush=True)


def logged(command: list[str], log: Path) -> tuple[int, list[str]]:
    """Run a command into a log file, its current line on the terminal; return code and lines."""
    lines: list[str] = []
    log.parent.mkdir(exist_ok=True)
    with (
        log.open("a", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        try:
            for line in process.stdout:
                lines.append(line.rstrip())
                file.write(line)
                show(line.strip())
        except BaseException:
            process.terminate()
            raise
    show("")
    return process.returncode, lines


def show(line: str) -> None:
    """Overwrite the terminal's current line; without a terminal, keep quiet."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 3
        print(f"\r\033[K  {line[:width]}" if line else "\r\033[K", end="", flush=True)
