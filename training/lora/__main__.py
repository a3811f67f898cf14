"""`python dev.py train --data DIR --base MODEL`: a LoRA for the method on FLUX.1-dev.

The data are triples: person/, garment/ and target/ with one name a triple. Stopped and started
again with the same words, it goes on from its last checkpoint, as if it had never stopped.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys

NEEDED = ("torch", "diffusers", "peft", "transformers", "matplotlib")


def main() -> None:
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        sys.exit(
            f"Training needs {', '.join(missing)}, which this Python does not have: run "
            f'`"{sys.executable}" -m pip install {" ".join(missing)}`, then start it again.'
        )
    from .run import train
    from .settings import Settings, add_arguments

    parser = argparse.ArgumentParser(
        prog="dev.py train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    try:
        train(Settings(**vars(parser.parse_args())))
    except ValueError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("stopped; the same command goes on from the last checkpoint")


if __name__ == "__main__":
    main()
