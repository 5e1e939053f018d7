"""Saving what a drawing really is, as training data: under the answer on the page Try it."""

import os
from pathlib import Path

import streamlit as st

from demos.corrections import LABELS, CorrectionRefusedError, save_correction, undo_correction
from demos.dashboard import paths
from digitrec import Prediction
from digitrec.artifacts import sha256

SAVED = "saved-corrections"
"""Key of the session's corrections, by the drawing that they are of."""


def corrections_file() -> Path:
    """The CSV file for digits, with one for non-digits beside it; `DIGITREC_CORRECTIONS` names another."""
    named = os.environ.get("DIGITREC_CORRECTIONS")
    return Path(named) if named else paths.runs_root().parent / "corrections.csv"


def show_correcting(prediction: Prediction) -> None:
    """Let the user say what the drawing is, once; what was saved can be undone.

    Args:
        prediction: The answer to it.
    """
    saved = st.session_state.setdefault(SAVED, {})
    frame = prediction.model_input
    drawing = sha256(frame.tobytes())
    if drawing in saved:
        correction = saved[drawing]
        st.success(correction.message)
        if st.button("Undo", key="undo-correction", icon=":material/undo:"):
            try:
                undo_correction(correction)
            except CorrectionRefusedError as error:
                st.error(str(error))
                return
            del saved[drawing]
            st.rerun()
        return
    with st.expander("Wrong answer?", key="correcting"):
        label = st.pills("It is", LABELS, key=f"label-{drawing}")
        path = corrections_file()
        st.caption(f"The 28x28 pixels that the model saw are added to {path}, as training data.")
        if st.button("Save the right answer", key="save-correction", disabled=label is None):
            try:
                saved[drawing] = save_correction(path, frame, label)
            except CorrectionRefusedError as error:
                st.error(str(error))
                return
            st.rerun()
