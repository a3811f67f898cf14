"""A line of text on the node that is running, where ComfyUI has a place for it."""

from __future__ import annotations

from comfy_execution.progress import get_progress_state
from comfy_execution.utils import get_executing_context


def show_text(text: str) -> None:
    """Show the text on the running node, a lookbook's or a layer's on the node that it is part of.

    Nothing happens where no server runs.
    """
    context = get_executing_context()
    if context is None:
        return
    try:
        from server import PromptServer  # loaded already where there is one
    except ImportError:  # ComfyUI inside another program
        return
    server = getattr(PromptServer, "instance", None)
    if hasattr(server, "send_progress_text"):
        node_id = get_progress_state().dynprompt.get_display_node_id(context.node_id)
        server.send_progress_text(text, node_id)
