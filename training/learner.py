"""The small transformer with its word encoder and LoRA, and one step of their training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from torch import nn

from any2any_core.demo_text import WordEncoder

from .batches import Batch
from .device import attention_on
from .flow import answer_error, answers, flow_error, partly_noised
from .isolated import isolate, target_velocity
from .lora.lower_rank import at_rank
from .lora.modules import PUBLISHED
from .transformer import GUIDANCE, drawn_sigmas, small_flux

torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(True)  # on the CPU too

RANK = 64


class Learner(nn.Module):
    """Everything the transformer stages train."""

    def __init__(self):
        super().__init__()
        self.words = WordEncoder()
        self.transformer = small_flux()
        self.has_lora = self.isolated = False

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def add_lora(self, rank: int = RANK) -> None:
        """Put an untrained LoRA on the base (scale 1: alpha = rank); both are trained."""
        config = LoraConfig(r=rank, lora_alpha=rank, target_modules=PUBLISHED)
        self.transformer.add_adapter(config)
        self.requires_grad_(True)
        self.has_lora = True

    def lower_rank(self, rank: int) -> None:
        """Go on with the LoRA of a lower rank that is nearest to the present one."""
        weights = at_rank(get_peft_model_state_dict(self.transformer), rank)
        self.transformer.delete_adapters("default")
        self.add_lora(rank)
        set_peft_model_state_dict(self.transformer, weights)
        self.train_lora_alone()

    def isolate_conditions(self) -> None:
        """From now on conditions see themselves alone, so that a sampler computes them once."""
        isolate(self.transformer)
        self.isolated = True

    def train_lora_alone(self) -> None:
        """Freeze the base."""
        for name, weight in self.named_parameters():
            weight.requires_grad_("lora_" in name)

    @contextmanager
    def base_alone(self) -> Iterator[None]:
        """Leave the LoRA out, if there is one."""
        if not self.has_lora:
            yield
            return
        self.transformer.disable_adapters()
        yield
        self.transformer.enable_adapters()

    def loss(self, batch: Batch, generator: torch.Generator) -> torch.Tensor:
        """Return the weighed loss on the noised tokens.

        It is flow matching's |v - (noise - clean)|^2. In a settled batch the noised tokens lie
        on the way to the learner's own first answer, as they do in a sampler, and the loss is
        the distance of the new answer from the truth: on the way to the truth a learner reads
        off what it should conclude from the conditions, and when it samples it believes itself.
        """
        batch = batch.to(self.device)
        count, image_seq_len, _ = batch.clean.shape
        sigmas = drawn_sigmas(count, image_seq_len, generator).to(self.device)
        shape = batch.clean[:, : batch.noised].shape
        noise = torch.randn(shape, generator=generator).to(self.device)
        start = self.first_answer(batch, noise) if batch.settled else batch.clean
        sequence = partly_noised(start, batch.noised, sigmas, noise)
        predicted = self.predicted(batch, sequence, sigmas)
        if batch.settled:
            error = answer_error(predicted, sequence, sigmas, batch.clean, batch.noised)
        else:
            error = flow_error(predicted, batch.clean, batch.noised, noise)
        return (error * batch.weight).mean() / batch.weight.mean()

    @torch.no_grad()
    def first_answer(self, batch: Batch, noise: torch.Tensor) -> torch.Tensor:
        """Return the batch's tokens [B,N,64], the noised ones as they look from pure noise."""
        sigmas = noise.new_ones(len(noise))
        sequence = partly_noised(batch.clean, batch.noised, sigmas, noise)
        answer = answers(self.predicted(batch, sequence, sigmas), noise, sigmas)
        return torch.cat([answer, batch.clean[:, batch.noised :]], dim=1)

    def predicted(self, batch: Batch, sequence: torch.Tensor, sigmas: torch.Tensor) -> torch.Tensor:
        """Return the noised tokens' velocity [B,noised,64], of a sequence at levels [B]."""
        lora = nullcontext() if batch.lora else self.base_alone()
        device = sequence.device
        with lora, torch.autocast(device.type, torch.bfloat16), attention_on(device):
            text, pooled = self.words(batch.words)
            seen = (sequence, batch.noised, sigmas, batch.ids, text, pooled)
            return target_velocity(self.transformer, *seen, GUIDANCE, self.isolated)


class Optimizers:
    """Muon for the blocks' matrices, LoRA's as well, AdamW for everything else that is trained."""

    def __init__(self, module: nn.Module, muon_rate: float, adam_rate: float):
        matrices, others = [], []
        for name, weight in module.named_parameters():
            if weight.requires_grad:
                hidden = weight.ndim == 2 and "blocks" in name
                (matrices if hidden else others).append(weight)
        self.all = []
        if others:
            self.all.append(
                torch.optim.AdamW(others, adam_rate, betas=(0.9, 0.99), weight_decay=0.01)
            )
        if matrices:
            self.all.append(
                torch.optim.Muon(
                    matrices, muon_rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"
                )
            )
        self.rates = [optimizer.param_groups[0]["lr"] for optimizer in self.all]
        self.weights = [*others, *matrices]

    def step(self, share: float) -> None:
        """Take a step at `share` of the rates, and forget the gradients."""
        nn.utils.clip_grad_norm_(self.weights, 1.0)
        for optimizer, rate in zip(self.all, self.rates):
            for group in optimizer.param_groups:
                group["lr"] = rate * share
            optimizer.step()
            optimizer.zero_grad()

    def state(self) -> list[dict]:
        return [optimizer.state_dict() for optimizer in self.all]

    def load(self, states: list[dict]) -> None:
        for optimizer, state in zip(self.all, states):
            optimizer.load_state_dict(state)
