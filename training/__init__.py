"""Trains the demo model: paper dolls, a small autoencoder, a small FLUX.1 and its try-on LoRA."""
