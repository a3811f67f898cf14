"""The seam: the only place that touches ComfyUI's internals, one subject a file."""
