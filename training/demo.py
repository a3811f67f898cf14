"""`python dev.py train-demo`: the demo model's weights from nothing, stage by stage.

Stages: autoencoder, pool, looks, sized, base, joint, lora, isolated, alltasks, decoder, export,
score. Each goes on from its checkpoint in the work folder, so a stopped run is resumed by the same
command, and a higher step count trains on. `--only export score` takes the weights as far as they
are.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from devtools.comfyui import ROOT

from . import train_autoencoder, train_transformer
from .demo_nodes import Nodes
from .device import chosen_device
from .export import DEMO, export
from .looks import make_looks
from .pool import make_pool
from .scoring.card import write_card
from .scoring.jobs import score_jobs
from .scoring.looks import score_looks
from .scoring.try_ons import score
from .scoring.words import score_words
from .shipped import weights_of
from .sized import make_sized
from .train_transformer import Terms
from .turns import read_pools

STAGES = (
    "autoencoder",
    "pool",
    "looks",
    "sized",
    "base",
    "joint",
    "lora",
    "isolated",
    "alltasks",
    "decoder",
    "export",
    "score",
)
STEPS = {
    "autoencoder": 8000,
    "pool": 20,
    "looks": 14,
    "sized": 3,
    "base": 6000,
    "joint": 12000,
    "lora": 2000,
    "isolated": 2000,
    "alltasks": 2000,
    "decoder": 3000,
}

UNITS = {
    "pool": "hundreds of persons",
    "looks": "hundreds of persons",
    "sized": "hundreds of try-ons a size",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev.py train-demo", description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / ".any2any" / "training")
    parser.add_argument("--only", nargs="+", choices=STAGES, default=STAGES)
    for stage, steps in STEPS.items():
        unit = UNITS.get(stage, "steps")
        parser.add_argument(f"--{stage}", type=int, default=steps, help=f"{unit} ({steps})")
    parser.add_argument(
        "--from-demo",
        action="store_true",
        help="go on from the weights that ship, where the work folder has no checkpoint",
    )
    parser.add_argument("--device", default="", help="cuda, cpu, ... (what is there)")
    parser.add_argument(
        "--batch", type=int, default=1, help="times as many examples a step: what a GPU is for (1)"
    )
    options = parser.parse_args()
    steps = {stage: getattr(options, stage) for stage in STEPS}
    demo = DEMO if options.from_demo else None
    terms = Terms(chosen_device(options.device), options.batch, demo)
    run(options.work, steps, options.only, terms)


def run(work: Path, steps: dict[str, int], only: tuple[str, ...], terms: Terms) -> None:
    """Run the stages in order; one that is left out gives what its checkpoint has."""

    def until(stage: str) -> int:
        return steps[stage] if stage in only else 0

    autoencoder = train_autoencoder.train(
        work, until("autoencoder"), weights_of("autoencoder", terms.demo) if terms.demo else None
    )
    make_pool(work, autoencoder, until("pool"))
    make_looks(work, autoencoder, until("looks"))
    make_sized(work, autoencoder, until("sized"))
    pools = read_pools(work)
    learner = train_transformer.train_base(work, pools, until("base"), terms)
    joint = train_transformer.train_joint(work, learner, pools, until("joint"), terms)
    tryon = train_transformer.train_lora(work, joint, pools, until("lora"), terms)
    isolated = train_transformer.train_isolated(work, tryon, pools, until("isolated"), terms)
    all_jobs = train_transformer.train_all_jobs(work, joint, pools, until("alltasks"), terms)
    autoencoder = train_autoencoder.train_decoder(work, autoencoder, until("decoder"))
    if "export" in only:
        export(tryon, isolated, all_jobs, autoencoder)
    if "score" in only:
        nodes = Nodes()
        write_card(score(nodes), score_jobs(nodes), score_looks(nodes), score_words(nodes), work)


if __name__ == "__main__":
    main()
