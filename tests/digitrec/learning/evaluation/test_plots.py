import gc

import numpy as np
from PIL import Image

from digitrec.learning.evaluation.metrics import evaluate
from digitrec.learning.evaluation.plots import write_confusion, write_curves, write_mistakes, write_reliability
from tests.support.small_data import bars

HISTORY = [
    {"epoch": e, "loss": 1 / (e + 1), "accuracy": 1 - 1 / (e + 2), "val_loss": 0.5, "val_accuracy": 0.9}
    for e in range(4)
]


def an_evaluation():
    table = np.full((20, 10), 0.01, np.float32)
    table[np.arange(20), np.arange(20) // 2] = 0.91
    return evaluate(table, bars(20).labels)


def test_pictures_and_pages_are_written(tmp_path):
    evaluation = an_evaluation()
    written = [
        *write_curves(HISTORY, tmp_path),
        *write_confusion(evaluation, tmp_path),
        *write_reliability(evaluation.reliability, evaluation.ece, tmp_path),
        *write_mistakes(evaluation.mistakes, bars(20).images, tmp_path),
    ]
    names = {path.name for path in written}
    assert names == {"mistakes.png"} | {
        f"{name}.{ending}" for name in ("curves", "confusion", "reliability") for ending in ("png", "html")
    }
    for path in written:
        if path.suffix == ".png":
            with Image.open(path) as picture:
                assert len(picture.convert("RGB").getcolors(1 << 20)) > 3  # something is drawn on it
        else:
            page = path.read_text(encoding="utf-8")
            assert "plotly.min.js" in page
            assert "https://cdn" not in page  # it opens offline
    assert (tmp_path / "plotly.min.js").exists()


def test_no_mistakes_no_error(tmp_path):
    assert write_mistakes([], bars(20).images, tmp_path)[0].exists()


def test_a_run_of_no_epochs_yet(tmp_path):
    write_curves([], tmp_path)
    assert (tmp_path / "curves.png").exists()


def test_figures_are_not_kept_in_memory(tmp_path):
    """pyplot's register keeps every figure alive; nothing here may use it."""
    for _ in range(3):
        write_curves(HISTORY, tmp_path)
    gc.collect()
    alive = [thing for thing in gc.get_objects() if type(thing).__name__ == "Figure" and hasattr(thing, "savefig")]
    assert len(alive) == 0
