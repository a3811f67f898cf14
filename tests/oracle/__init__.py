"""The reference method once more, on diffusers, to hold the pack against.

Nothing here imports any2any_core or ComfyUI: what both sides share is only the weights, the
autoencoder's encode function and the starting noise.
"""
