"""The CSV files a run trains on: named by their paths or uploaded, and checked before the run starts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from demos.dashboard.paths import named, uploads_dir, version_of
from demos.dashboard.runs import settings_form
from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.files import atomic_path
from digitrec.learning.data.kaggle_csv import load_csv


@dataclass(frozen=True)
class Finding:
    """What the check of a file found.

    Attributes:
        path: The file.
        counts: Images of each label, 0 to 9, or of label 10 where it shows what is no digit; empty if it is unusable.
        flaw: What is wrong with it, with row and column; empty if nothing is.
    """

    path: str
    counts: dict[int, int]
    flaw: str = ""

    @property
    def sentence(self) -> str:
        """The finding in words."""
        if self.flaw:
            return self.flaw
        missing = [str(digit) for digit in range(10) if digit not in self.counts]
        kinds = "of no digit" if 10 in self.counts else f"without any {', '.join(missing)}" if missing else "of all ten"
        return f"{Path(self.path).name}: {sum(self.counts.values()):,} images, {kinds}"


def check(path: str, negatives: bool) -> Finding:
    """Read a file as the trainer will; one that has not changed since is not read again.

    Args:
        path: The file.
        negatives: Whether it is to show what is no digit.
    """
    return _check(path, negatives, version_of(Path(path)))


@st.cache_data(show_spinner="Checking the CSV file", max_entries=100)
def _check(path: str, negatives: bool, version: tuple[int, int]) -> Finding:
    try:
        labels, counts = np.unique(load_csv(path, negatives).labels, return_counts=True)
    except DatasetError as error:
        return Finding(path, {}, str(error))
    return Finding(path, {int(label): int(count) for label, count in zip(labels, counts, strict=True)})


def keep_upload(name: str, data: bytes, folder: Path) -> Path:
    """Write an uploaded file where runs find it later, when they are resumed; the same one twice stands there once.

    Args:
        name: What it was called; all that does not belong in a file name is left out.
        data: Its bytes.
        folder: Where it goes; made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).stem).strip(".-")[:60] or "upload"
    path = folder / f"{stem}-{sha256(data)[:8]}.csv"
    if not path.exists():
        with atomic_path(path) as temporary:
            temporary.write_bytes(data)
    return path.absolute()


def paths_in(text: str) -> tuple[str, ...]:
    """The paths in a text, one a line; each once, in their order, without quotes around them."""
    return tuple(dict.fromkeys(str(named(line).absolute()) for line in text.splitlines() if line.strip("\"' ")))


def file_widgets() -> list[Finding]:
    """Widgets for all settings that name files: the usual one in sight, the others folded away.

    Returns:
        What the check of each named file found.
    """
    first, *others = settings_form.FILES
    findings = _chooser(first)
    named = sum(len(settings_form.chosen()[name]) for name in others)
    title = "Files to validate on, and pictures of no digit" + (f" ({named})" if named else "")
    with st.expander(title, expanded=named > 0):
        for name in others:
            findings += _chooser(name)
    return findings


def _chooser(name: str) -> list[Finding]:
    kept, key = settings_form.chosen(), settings_form.key_of(name)
    if key not in st.session_state:
        st.session_state[key] = "\n".join(kept[name])
    upload_key = f"upload-{name}"
    left, right = st.columns(2)
    help_text = settings_form.FIELDS[name].metadata["help"]
    with left:
        text = st.text_area(
            settings_form.label(name),
            key=key,
            help=help_text,
            height=110,
            placeholder="paths on this machine, one a line",
        )
    with right:
        st.file_uploader(
            f"Upload: {settings_form.label(name)}",
            type="csv",
            accept_multiple_files=True,
            key=upload_key,
            on_change=_take_uploads,
            args=(upload_key, key),
            help=f"{help_text}. An uploaded file is kept beside the runs, and its path is added on the left",
        )
    kept[name] = paths_in(text)
    findings = [check(path, "negatives" in name) for path in kept[name]]
    for finding in findings:
        (st.error if finding.flaw else st.success)(finding.sentence)
    return findings


def _take_uploads(upload_key: str, text_key: str) -> None:
    files: Sequence[Any] = st.session_state[upload_key] or ()
    paths = [str(keep_upload(file.name, file.getvalue(), uploads_dir())) for file in files]
    lines = [line for line in st.session_state[text_key].splitlines() if line.strip()]
    st.session_state[text_key] = "\n".join(dict.fromkeys([*lines, *paths]))
