"""What the transformer is called with, and how often."""

from __future__ import annotations


class Calls:
    """Counts how often the transformer runs."""

    def __init__(self, model):
        self.count = 0
        self.module = model.model.diffusion_model

    def __enter__(self):
        def count(*_):
            self.count += 1

        # Wrappers run inside the module's call, so a block tells whether it really worked.
        self.hook = self.module.double_blocks[0].register_forward_pre_hook(count, with_kwargs=True)
        return self

    def __exit__(self, *_):
        self.hook.remove()


def tokens_seen(run, pack, **inputs) -> list[int]:
    """Return the image tokens of every call, in order."""
    seen = []
    block = pack.model.model.diffusion_model.double_blocks[0]
    hook = block.register_forward_pre_hook(
        lambda _, __, kwargs: seen.append(kwargs["img"].shape[1]), with_kwargs=True
    )
    try:
        pack.sampled(run, **inputs)
    finally:
        hook.remove()
    return seen
