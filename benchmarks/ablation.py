"""What each part of the method is worth, on paper dolls: docs/proof.md from one command.

    python benchmarks/ablation.py

See training/ablation. Stopped and started again, it goes on where it was.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # a script's own folder stood there
    from training.ablation.command import main

    sys.exit(main())
