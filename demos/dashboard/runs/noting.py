"""A run's note and tags as widgets."""

import streamlit as st

from demos.dashboard.runs.records import Record
from digitrec.learning.runs.notes import Notes, write_notes


def show_notes(record: Record, known_tags: list[str]) -> None:
    """Show a run's note and tags, to be changed.

    Args:
        record: The run.
        known_tags: Tags of other runs, to choose from.
    """
    title = f"Note and tags{': ' + ', '.join(record.notes.tags) if record.notes.tags else ''}"
    with (
        st.expander(title, key=f"notes-{record.name}", expanded=bool(record.notes.text)),
        st.form(f"notes-of-{record.name}", border=False),
    ):
        options = list(dict.fromkeys([*record.notes.tags, *known_tags]))
        tags = st.multiselect(
            "Tags", options, list(record.notes.tags), accept_new_options=True, key=f"tags-{record.name}",
            help="The filter finds them: tag=baseline",
        )  # fmt: skip
        text = st.text_area("Note", record.notes.text, key=f"note-{record.name}", height=100)
        if st.form_submit_button("Save", key=f"save-notes-{record.name}"):
            try:
                write_notes(record.run, Notes(text.strip(), tuple(tags)))
            except (ValueError, OSError) as error:
                st.error(str(error))
            else:
                st.rerun()
