"""Gradio's file inputs, handing over files as they came: decoding and judging them is the core's work."""

from pathlib import Path
from typing import Any

import gradio as gr

from demos.sketchpad.batch import File


def as_path(component: gr.File | gr.Image) -> Any:
    """Let an input for one file hand over its path, a string, or None; its own way would decode pictures first."""
    component.preprocess = _path  # type: ignore[method-assign]
    return component


def as_files(component: gr.File) -> Any:
    """Let an input for many files hand over a list of `File`, with the names they came with, or None."""
    component.preprocess = _files  # type: ignore[method-assign, assignment]
    return component


class Recent(dict[str, Any]):
    """A dictionary that forgets the oldest of more than `most` entries."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        while len(self) > self.most:
            self.pop(next(iter(self)), None)


def forgetting(pad: gr.Sketchpad, most: int = 500) -> gr.Sketchpad:
    """Let a sketchpad keep the newest drawings that wait for an answer, of all visitors together, and no more.

    Gradio keeps each until it is asked about; one that a later stroke overtakes never is, and would stay for good.
    """
    pad.blob_storage = Recent(most)
    return pad


def _path(payload: Any) -> str | None:
    if payload and hasattr(payload, "root"):  # a list, of which a client may send one to an input for one file
        payload = payload.root[0]
    return payload.path if payload else None


def _files(payload: Any) -> list[File] | None:
    payloads = payload.root if payload and hasattr(payload, "root") else [payload] if payload else []
    return [File(Path(each.path), each.orig_name or Path(each.path).name) for each in payloads] or None
