"""A ComfyUI server of our own: folders, port and packs that touch nobody's other ComfyUI."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACK = "any2anytryon"
START_SECONDS = 180
STOP_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """A running ComfyUI: its address, its own folders, its log."""

    url: str
    base: Path
    log: Path
    process: subprocess.Popen


@contextmanager
def running_server(
    base: Path, port: int | None = None, front_end: Path | None = None
) -> Iterator[Server]:
    """Start ComfyUI on `base` with this pack alone, on the CPU; stop it at the end.

    COMFYUI_PATH says which ComfyUI; packages are the running Python's, and so is the front end,
    unless `front_end` is the folder of another one.

    Raises:
        RuntimeError: it ended or stayed silent; the log's last lines are in the sentence.
    """
    port = port or free_port()
    make_folders(base)
    path = base / "server.log"
    command = [
        *(sys.executable, str(Path(os.environ["COMFYUI_PATH"]) / "main.py")),
        *("--base-directory", str(base), "--database-url", "sqlite:///:memory:"),
        *("--disable-all-custom-nodes", "--whitelist-custom-nodes", PACK),
        *("--port", str(port), "--disable-api-nodes"),
        *("--cpu", "--use-pytorch-cross-attention"),  # half the time of the CPU's default
    ]
    if front_end:
        command += ["--front-end-root", str(front_end)]
    with path.open("w") as log, ended_by_sigterm():
        process = subprocess.Popen(
            command, cwd=base, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        server = Server(f"http://127.0.0.1:{port}", base, path, process)
        try:
            wait_until_up(server)
            yield server
        finally:
            stop(process)


def make_folders(base: Path) -> None:
    """Make ComfyUI's folders in `base`, with a link to this pack among the custom nodes."""
    for name in ("custom_nodes", "input", "output", "models", "user"):
        (base / name).mkdir(parents=True, exist_ok=True)
    link = base / "custom_nodes" / PACK
    if link.exists():
        return
    link.unlink(missing_ok=True)  # it pointed to where the repository was before
    if os.name == "nt":  # where links need rights that most people lack
        import _winapi

        _winapi.CreateJunction(str(ROOT), str(link))
    else:
        link.symlink_to(ROOT, target_is_directory=True)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(server: Server) -> None:
    """Return once the server answers; raise RuntimeError if it never will."""
    process = server.process
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{server.url}/system_stats", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    what = "stays silent" if process.poll() is None else f"ended with {process.returncode}"
    lines = server.log.read_text(errors="replace").splitlines()[-20:]
    raise RuntimeError(f"ComfyUI {what}; its log {server.log} ends:\n  " + "\n  ".join(lines))


def stop(process: subprocess.Popen) -> None:
    """End the server, by force if it does not go by itself."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end this process as Ctrl-C does: through every `finally`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
