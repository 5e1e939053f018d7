"""What somebody wrote about a run: a note, and tags to filter by. Needs no Keras."""

import re
from dataclasses import dataclass

from digitrec.learning.runs.run import Run

NOTES = "notes.json"

MAX_LETTERS = 10_000
"""Longest note, in characters."""

TAG = re.compile(r"[^\s,<>=]{1,40}")
"""A tag: no spaces, commas or signs that a filter takes for an operator."""


@dataclass(frozen=True)
class Notes:
    """What was written about a run.

    Attributes:
        text: The note.
        tags: In the order they were given.
    """

    text: str = ""
    tags: tuple[str, ...] = ()


def read_notes(run: Run) -> Notes:
    """Read a run's notes; empty where there are none, or where the file is broken."""
    found = run.read_json(NOTES)
    text, tags = found.get("text"), found.get("tags")
    return Notes(
        text if isinstance(text, str) else "",
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )


def write_notes(run: Run, notes: Notes) -> None:
    """Write a run's notes, in place of earlier ones.

    Raises:
        ValueError: A tag with characters that do not belong in one, or a note that is too long.
        OSError: The run directory cannot be written to.
    """
    for tag in notes.tags:
        if not TAG.fullmatch(tag):
            raise ValueError(f"tag {tag[:60]!r}: use 1 to 40 characters without spaces, commas, <, > and =")
    if len(notes.text) > MAX_LETTERS:
        raise ValueError(f"the note has {len(notes.text):,} characters; at most {MAX_LETTERS:,} are kept")
    run.write_json(NOTES, {"text": notes.text, "tags": list(dict.fromkeys(notes.tags))})
