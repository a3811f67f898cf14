"""What the front end says to a ComfyUI server: queue, follow, cancel, fetch."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

OnStep = Callable[[str, int, int], None]
"""Called with the node's id, steps done and steps in all."""

OnExecuted = Callable[[dict], None]
"""Called with what the server tells of a node that is done: node, display_node and output."""


OnText = Callable[[str, str], None]
"""Called with the node's id and a line of text that it shows."""

PROGRESS_TEXT = (3).to_bytes(4, "big")
"""What a binary message that holds such a text begins with; any other one is a live preview."""


class RejectedError(RuntimeError):
    """The server did not take the workflow."""


class NodeError(RuntimeError):
    """A node raised an error: its id, its class and its sentence."""

    def __init__(self, node: str, node_type: str, sentence: str) -> None:
        super().__init__(f"{node_type} ({node}): {sentence}")
        self.node, self.node_type, self.sentence = node, node_type, sentence


class CancelledError(RuntimeError):
    """The run was cancelled."""


@dataclass(frozen=True)
class Client:
    """One front end's connection to the server at `url`."""

    url: str

    def ask(self, path: str, body: dict | None = None) -> Any:
        """Return the JSON answer to a GET, or to a POST of `body`; None if it is empty."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def picture(self, image: dict[str, str]) -> bytes:
        """Return the file behind an entry of a run's `images`."""
        query = urllib.parse.urlencode(image)
        with urllib.request.urlopen(f"{self.url}/view?{query}", timeout=60) as answer:
            return answer.read()

    def interrupt(self) -> None:
        """Cancel what is running."""
        self.ask("/interrupt", {})

    def run(
        self,
        prompt: dict,
        on_step: OnStep | None = None,
        on_executed: OnExecuted | None = None,
        on_text: OnText | None = None,
    ) -> dict[str, dict]:
        """Queue a workflow in API form and return each output node's outputs by its id.

        Raises:
            RejectedError, NodeError, CancelledError.
        """
        return asyncio.run(self.followed(prompt, on_step, on_executed, on_text))

    async def followed(
        self,
        prompt: dict,
        on_step: OnStep | None,
        on_executed: OnExecuted | None,
        on_text: OnText | None,
    ) -> dict[str, dict]:
        client_id = uuid.uuid4().hex
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self.url}/ws?clientId={client_id}", max_msg_size=0) as socket,
        ):
            prompt_id = self.queued(prompt, client_id)
            error: RuntimeError | None = None
            async for message in socket:
                if message.type != aiohttp.WSMsgType.TEXT:
                    if on_text and message.data.startswith(PROGRESS_TEXT):
                        on_text(*progress_text(message.data))
                    continue
                event = json.loads(message.data)
                kind, data = event["type"], event["data"]
                if data.get("prompt_id") != prompt_id:
                    continue
                if kind == "progress" and on_step:
                    on_step(data["node"], data["value"], data["max"])
                elif kind == "executed" and on_executed:
                    on_executed(data)
                elif kind == "execution_error":
                    sentence = data["exception_message"].strip()
                    error = NodeError(data["node_id"], data["node_type"], sentence)
                elif kind == "execution_interrupted":
                    error = CancelledError("the run was cancelled")
                elif kind == "executing" and data["node"] is None:
                    break
            else:
                raise CancelledError("the server closed the connection")
        if error:
            raise error
        return self.ask(f"/history/{prompt_id}")[prompt_id]["outputs"]

    def queued(self, prompt: dict, client_id: str) -> str:
        try:
            return self.ask("/prompt", {"prompt": prompt, "client_id": client_id})["prompt_id"]
        except urllib.error.HTTPError as error:
            raise RejectedError(rejection(json.loads(error.read()))) from None


def progress_text(message: bytes) -> tuple[str, str]:
    """Return the node's id and the text of a binary message: kind, length of the id, id, text."""
    end = 8 + int.from_bytes(message[4:8], "big")
    return message[8:end].decode(), message[end:].decode()


def rejection(answer: dict) -> str:
    """Return the server's reasons as one text, a line for each."""
    lines = [answer["error"]["message"]]
    for node, reasons in answer["node_errors"].items():
        for reason in reasons["errors"]:
            where = f"{reasons['class_type']} ({node})"
            lines.append(f"{where}: {reason['message']}, {reason['details']}")
    return "\n".join(lines)
