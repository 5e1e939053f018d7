"""The notebooks run from top to bottom, with small settings, and are kept without output."""

import ast
import json
import os
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
SMALL = {
    "predict-and-explain": {},
    "train-and-look-inside": {"EPOCHS": 1, "WIDTH": 4, "IMAGES": 400},
}
"""Of each notebook, what its cell of parameters has in the test."""


def cells(name: str) -> list[dict]:
    notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    return notebook["cells"]


def run(source: str, names: dict) -> object:
    """Run a cell; returns the value of its last line, which a notebook shows."""
    tree = ast.parse(source)
    last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(last, "cell", "eval"), names) if last else None


def test_every_notebook_is_run_here():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_no_output_is_kept(name):
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells(name) if "outputs" in cell)
    assert len({cell["id"] for cell in cells(name)}) == len(cells(name))


@pytest.mark.parametrize("name", SMALL)
def test_it_runs(name, tmp_path, monkeypatch):
    if name.startswith("train") and "DIGITREC_DATA_DIR" not in os.environ:
        pytest.skip("DIGITREC_DATA_DIR is not set: it names the folder that holds mnist.npz")
    monkeypatch.chdir(tmp_path)
    names: dict = {"__name__": "notebook"}
    shown = []
    for cell in cells(name):
        if cell["cell_type"] == "code":
            shown.append(run("".join(cell["source"]), names))
            if cell["metadata"].get("tags") == ["parameters"]:
                assert set(SMALL[name]) <= set(names)
                names.update(SMALL[name])
    pictures = [one for one in shown if one is not None]
    assert len(pictures) >= 4
    for one in pictures:  # as a notebook shows it
        html = one._repr_html_() if hasattr(one, "_repr_html_") else None
        assert html or one._repr_png_()
