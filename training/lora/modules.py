"""Which modules of a FLUX.1 transformer take a LoRA, as peft's patterns."""

from __future__ import annotations

ATTENTION = r"attn\.(to_q|to_k|to_v|to_out\.0|add_q_proj|add_k_proj|add_v_proj|to_add_out)"

PUBLISHED = rf".*transformer_blocks\.\d+\.({ATTENTION}|proj_out)"
"""The published files': attention everywhere, and the single blocks' proj_out."""

DOUBLE = rf"transformer_blocks\.\d+\.{ATTENTION}"
"""The published vitonhd file's: attention in the double blocks alone."""

MODULES = {"published": PUBLISHED, "double": DOUBLE}
