"""Gradio's file inputs, passing files on as they were uploaded: the core alone decodes them."""

from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from digitrec import InvalidImageError
from digitrec.decoding import MAX_BYTES


class Upload(NamedTuple):
    """An uploaded file and the name it came with."""

    path: Path
    name: str


def pass_upload(component: gr.File | gr.Image) -> Any:
    """Make an input for one file pass on an `Upload` or None; by default Gradio decodes pictures first."""
    component.preprocess = _first_upload  # type: ignore[method-assign, assignment]
    return component


def pass_uploads(component: gr.File) -> Any:
    """Make an input for many files pass on a list of `Upload`."""
    component.preprocess = _uploads  # type: ignore[method-assign, assignment]
    return component


def read_upload(upload: Upload) -> bytes:
    """Read an uploaded file, at most one byte more than the core takes.

    Raises:
        InvalidImageError: The file is not there. The message names no path of the server.
    """
    try:
        with upload.path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        raise InvalidImageError("the uploaded file is no longer here; upload it again") from None


def _uploads(payload: Any) -> list[Upload]:
    payloads = payload.root if payload and hasattr(payload, "root") else [payload] if payload else []
    return [Upload(Path(each.path), each.orig_name or Path(each.path).name) for each in payloads]


def _first_upload(payload: Any) -> Upload | None:
    # A client may send a list to an input for one file.
    return next(iter(_uploads(payload)), None)
