"""The CSV files of a run: typed as paths or uploaded, and checked before the run starts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from demos.dashboard.mnist import find_mnist_images
from demos.dashboard.paths import file_version, parse_path, uploads_dir
from demos.dashboard.runs import settings_form
from demos.dashboard.widget_values import RESENT
from demos.wording import count_of
from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.files import atomic_path
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.inspection import inspect_csv
from digitrec.learning.data.kaggle_csv import load_csv


@dataclass(frozen=True)
class CsvCheck:
    """The result of checking a CSV file.

    Attributes:
        path: The file.
        counts: Images of each label, 0 to 9, or of label 10 in a file of non-digits; empty if it cannot be used.
        flaw: Why it cannot be used, with row and column; empty if it can.
        used: Images that would be trained on: neither MNIST's nor repeated. None where MNIST is not on this machine.
        useless: Images that would teach nothing, such as inverted ones, a sentence a kind.
    """

    path: str
    counts: dict[int, int]
    flaw: str = ""
    used: int | None = None
    useless: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The result in words."""
        if self.flaw:
            return self.flaw
        missing = [str(digit) for digit in range(10) if digit not in self.counts]
        kinds = (
            "of non-digits" if 10 in self.counts else f"without any {', '.join(missing)}" if missing else "of all ten"
        )
        new = "" if self.used is None else f" {self.used:,} new,"
        return f"{Path(self.path).name}: {count_of(sum(self.counts.values()), 'image')},{new} {kinds}"


def check_csv(path: str, negatives: bool) -> CsvCheck:
    """Check a file by reading it as the trainer will; an unchanged file is not read again.

    Args:
        path: The file.
        negatives: Whether it has to hold non-digits.
    """
    return _check(path, negatives, file_version(Path(path)), find_mnist_images())


@st.cache_data(show_spinner="Checking the CSV file", max_entries=100)
def _check(path: str, negatives: bool, version: tuple[int, int], _mnist: tuple[Examples, Examples] | None) -> CsvCheck:
    """Check a file; `version` is only a key of the cache, and MNIST is always the same."""
    useless: tuple[str, ...] = ()
    used = None
    try:
        if _mnist is None:
            examples = load_csv(path, negatives)
        else:
            inspection = inspect_csv(path, _mnist, negatives=negatives)
            examples, used = inspection.examples, inspection.used
            useless = tuple(flaw.description for flaw in inspection.flaws)
    except DatasetError as error:
        return CsvCheck(path, {}, str(error))
    labels, counts = np.unique(examples.labels, return_counts=True)
    found = {int(label): int(count) for label, count in zip(labels, counts, strict=True)}
    return CsvCheck(path, found, used=used, useless=useless)


def save_upload(name: str, data: bytes, folder: Path) -> Path:
    """Save an uploaded file where a resumed run finds it again; the same content is saved once.

    Args:
        name: Its original name; characters that do not belong in a file name are replaced.
        data: Its bytes.
        folder: Output folder; made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).stem).strip(".-")[:60] or "upload"
    path = folder / f"{stem}-{sha256(data)[:8]}.csv"
    if not path.exists():
        with atomic_path(path) as temporary:
            temporary.write_bytes(data)
    return path.absolute()


def parse_paths(text: str) -> tuple[str, ...]:
    """Parse the paths in a text, one a line: in their order, without duplicates and quotes."""
    return tuple(dict.fromkeys(str(parse_path(line).absolute()) for line in text.splitlines() if line.strip("\"' ")))


def show_file_widgets() -> list[CsvCheck]:
    """Show the widgets of all settings that name files, the rarer ones in an expander.

    Returns:
        The checks of all files.
    """
    first, *others = settings_form.FILES
    findings = _chooser(first)
    count = sum(len(settings_form.current_settings()[name]) for name in others)
    # The title stays as it is: another one would be another expander, which would close.
    with st.expander("Files of validation data, non-digits and corrections", expanded=count > 0, key="other-files"):
        for name in others:
            findings += _chooser(name)
    return findings


def _chooser(name: str) -> list[CsvCheck]:
    kept, key = settings_form.current_settings(), settings_form.widget_key(name)
    if key not in st.session_state and kept[name]:
        st.session_state[key] = "\n".join(kept[name])
    upload_key = f"upload-{name}"
    left, right = st.columns(2)
    help_text = settings_form.FIELDS[name].metadata["help"]
    with left:
        text = st.text_area(
            settings_form.field_label(name),
            key=key,
            help=help_text,
            height=110,
            placeholder="paths on this machine, one a line",
            persist_state=RESENT,
        )
    with right:
        st.file_uploader(
            f"Upload: {settings_form.field_label(name)}",
            type="csv",
            accept_multiple_files=True,
            key=upload_key,
            on_change=_take_uploads,
            args=(upload_key, key),
            help=f"{help_text}. An uploaded file is kept beside the runs, and its path is added on the left",
        )
    kept[name] = parse_paths(text)
    findings = [check_csv(path, "negatives" in name) for path in kept[name]]
    for finding in findings:
        kind = st.error if finding.flaw else st.success if finding.used != 0 else st.warning
        kind(finding.sentence)
        for sentence in finding.useless:
            st.warning(f"{Path(finding.path).name}: {sentence}.")
    return findings


def _take_uploads(upload_key: str, text_key: str) -> None:
    files: Sequence[Any] = st.session_state[upload_key] or ()
    paths = [str(save_upload(file.name, file.getvalue(), uploads_dir())) for file in files]
    lines = [line for line in st.session_state[text_key].splitlines() if line.strip()]
    st.session_state[text_key] = "\n".join(dict.fromkeys([*lines, *paths]))
