"""Trains a LoRA for the method on any FLUX.1 transformer, from triples of pictures."""
