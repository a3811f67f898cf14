"""The Any2AnyTryon method (arXiv 2501.15891): panels, positions, schedule, noise, images, LoRAs.

Pure torch, numpy and Pillow; it knows nothing of ComfyUI, so that training, tests and other
front ends use the very functions that the nodes use.
"""
