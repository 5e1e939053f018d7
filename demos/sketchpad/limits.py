"""What strangers may cost the sketchpad: sizes of requests, addresses that answer, pictures that are fetched."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1_000_000
"""Bytes of a request that carries no picture file: a drawing, or the names of uploaded files."""

MAX_MCP_BODY = 28_000_000
"""Bytes of a call of an MCP tool: a picture of 20 MB as a data URL."""

MAX_UPLOAD = 200_000_000
"""Bytes of all files uploaded in one request."""

FREE_SPACE = 500_000_000
"""Bytes that stay free on the disk that uploads go to."""

UNUSED = re.compile(r"/gradio_api/(process_recording|component_server|deep_link|vibe|proxy=|stream)")
"""Addresses of Gradio's that this page does not use. One starts ffmpeg, another calls functions of components."""


class RequestLimits:
    """ASGI middleware that refuses requests before Gradio reads them."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 404, 413 or 507 with the reason."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if UNUSED.search(path):
            await _refuse(send, 404, "This page does not use this address.")
            return
        is_upload = "/upload" in path
        limit = MAX_UPLOAD if is_upload else MAX_MCP_BODY if "/mcp" in path else MAX_BODY
        message = f"The request is larger than {limit // 1_000_000} MB; send less at once."
        if _content_length(scope) > limit:
            await _refuse(send, 413, message)
            return
        if is_upload and shutil.disk_usage(_upload_folder()).free < FREE_SPACE:
            await _refuse(send, 507, "The server has no room for uploads now; try again later.")
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            part = await receive()
            received += len(part.get("body", b""))
            if received > limit:
                raise HTTPException(413, message)
            return part

        await self.app(scope, receive_within_limit, send)


class LimitedBlocks(gr.Blocks):
    """A page that fetches no file from an address that a client names."""

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *args: Any, **options: Any) -> Any:
        """Check the inputs of a call before Gradio downloads what they name.

        Raises:
            gradio.Error: One of them names a file by its address.
        """
        if names_address(inputs):
            raise gr.Error("Files are not fetched from addresses; upload the picture.", print_exception=False)
        return await super().preprocess_data(block_fn, inputs, *args, **options)


def names_address(value: Any) -> bool:
    """Whether a client's value holds a file by its address, as `{"path": "https://..."}`."""
    if isinstance(value, dict):
        path = value.get("path")
        return (isinstance(path, str) and "://" in path) or any(map(names_address, value.values()))
    return isinstance(value, list) and any(map(names_address, value))


def _content_length(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _upload_folder() -> Path:
    folder = Path(get_upload_folder())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _refuse(send: Send, status: int, message: str) -> None:
    body = json.dumps({"error": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
