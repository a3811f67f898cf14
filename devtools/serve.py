"""`python dev.py serve`: the demo's ComfyUI, left running."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys

from .comfyui import free_port, running_server
from .demo import BASE, put_demo_files

USUAL_PORT = 8188


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev.py serve")
    parser.add_argument("--port", type=int, help="default: 8188, or a free one if that is taken")
    options = parser.parse_args()
    print("starting ComfyUI ...", flush=True)
    put_demo_files(BASE)
    with running_server(BASE, options.port or usual_port()) as server:
        print(
            f"open {server.url} and choose demo_tryon in the sidebar's Workflows; Ctrl-C stops it"
        )
        print(f"its log: {server.log}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            code = server.process.wait()
            sys.exit(f"ComfyUI ended with {code}: see its log")
    print("stopped")


def usual_port() -> int:
    """Return ComfyUI's own port, or a free one if somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return free_port()
        return USUAL_PORT


if __name__ == "__main__":
    main()
