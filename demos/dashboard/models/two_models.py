"""Two models side by side on the test images: their figures, and the images on which they differ."""

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from demos.dashboard.images import show_gallery
from demos.dashboard.models.choice import ModelChoice
from demos.dashboard.models.evaluation import EvaluationResult
from demos.dashboard.models.image import open_images_dialog
from demos.wording import count_of
from digitrec.learning.data.examples import Examples

SHOWN = 48
"""Images of a kind that are shown at most."""


def show_two_models(
    subjects: tuple[ModelChoice, ModelChoice], results: tuple[EvaluationResult, EvaluationResult], test: Examples
) -> None:
    """Show two models' figures, and the images that they answer differently.

    Args:
        subjects: The models.
        results: Their predictions of the same images.
        test: The images.
    """
    names = [subject.name for subject in subjects]
    st.dataframe(figures_table(names, results), key="two-figures", height="content")
    kinds = differing_images(results, test.labels)
    only = count_of(len(kinds[0][1]), "image"), count_of(len(kinds[1][1]), "image")
    st.caption(
        f"{names[0][0].upper()}{names[0][1:]} alone is right on {only[0]}, {names[1]} alone on {only[1]}."
        f" {describe_chance(len(kinds[0][1]), len(kinds[1][1]))}"
    )
    titles = [f"Only {names[0]} is right", f"Only {names[1]} is right", "Both wrong, differently"]
    for number, (tab, (_, places)) in enumerate(zip(st.tabs(titles, key="two-models"), kinds, strict=True)):
        with tab:
            _show_images(f"differ-{number}", places, names, results, test)


def figures_table(names: list[str], results: tuple[EvaluationResult, EvaluationResult]) -> pd.DataFrame:
    """The figures of two models: a row each, a column a model, as text."""
    columns = {}
    for name, result in zip(names, results, strict=True):
        low, high = result.evaluation.interval
        columns[name] = [
            f"{result.evaluation.accuracy:.2%}",
            f"{low:.2%} to {high:.2%}",
            f"{result.evaluation.errors:,}",
            f"{result.evaluation.loss:.4f}",
            f"{result.evaluation.ece:.4f}",
            f"{result.doubted:,}",
        ]
    index = ["Accuracy", "Its 95 % interval", "Errors", "Loss", "Calibration error", "Doubted"]
    return pd.DataFrame(columns, index=pd.Index(index, name="figure"))


def differing_images(
    results: tuple[EvaluationResult, EvaluationResult], labels: NDArray[np.uint8]
) -> list[tuple[str, NDArray[np.intp]]]:
    """Positions of the images that are answered differently: only the first right, only the second, neither.

    Those on which the confidences in the two answers are highest come first.
    """
    first, second = (result.digits for result in results)
    sure = sum(result.predictions.probabilities.max(1) for result in results)
    masks = {
        "first": (first == labels) & (second != labels),
        "second": (first != labels) & (second == labels),
        "neither": (first != labels) & (second != labels) & (first != second),
    }
    found = []
    for name, mask in masks.items():
        places = np.flatnonzero(mask)
        found.append((name, places[np.argsort(-np.asarray(sure)[places], kind="stable")]))
    return found


def describe_chance(first: int, second: int) -> str:
    """Say whether two models' difference may be chance, by McNemar's test with its correction for continuity.

    Args:
        first: Images on which only the first is right.
        second: Images on which only the second is right.
    """
    if first + second == 0:
        return "They are right on the same images."
    statistic = max(0, abs(first - second) - 1) ** 2 / (first + second)
    if statistic < 3.841:  # the 95 % quantile of chi-squared with one degree of freedom
        return "That difference may be chance (McNemar's test, 5 %)."
    return "That difference is hardly chance (McNemar's test, 5 %)."


def _show_images(
    key: str,
    places: NDArray[np.intp],
    names: list[str],
    results: tuple[EvaluationResult, EvaluationResult],
    test: Examples,
) -> None:
    if not len(places):
        st.write("None.")
        return
    shown = places[:SHOWN]
    if len(places) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(places)}.")
    first, second = (result.digits for result in results)
    show_gallery(
        [test.images[place] for place in shown],
        [f"{test.labels[place]}: {first[place]} or {second[place]}" for place in shown],
        alts=[
            f"test image {place}, a {test.labels[place]}, {names[0]} says {first[place]}, {names[1]} {second[place]}"
            for place in shown
        ],
        key=key,
        on_select=lambda position: open_images_dialog(names, results, test, int(shown[position])),
    )
