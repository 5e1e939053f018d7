"""Likely label errors: found where unseen rows are read otherwise, and corrected as a person decides."""

import json

import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.data.kaggle_csv import load_csv, save_csv
from digitrec.learning.data.label_errors import (
    DROP,
    LabelErrors,
    apply_decisions,
    find_label_errors,
    read_label_errors,
    rows_digest,
    write_corrected,
)
from tests.support.small_data import bars


def test_rows_that_are_surely_read_otherwise_are_found_the_surest_first():
    labels = np.array([0, 1, 2, 3], np.uint8)
    probabilities = np.full((4, 10), 0.0)
    for row, (digit, share) in enumerate([(0, 0.99), (7, 0.95), (5, 0.8), (8, 0.97)]):
        probabilities[row] = (1 - share) / 9
        probabilities[row, digit] = share
    found = find_label_errors(labels, probabilities)
    assert [(one.row, one.label, one.predicted) for one in found] == [(3, 3, 8), (1, 1, 7)]
    assert found[1].confidence == 0.95
    assert len(find_label_errors(labels, probabilities, 0.7)) == 3


def test_decisions_change_the_rows_they_name_and_no_others():
    examples = bars(20)
    changed = apply_decisions(examples, {3: DROP, 5: 9})
    assert len(changed) == 19
    assert changed.labels.tolist() == [*examples.labels[:3], 4, 9, *examples.labels[6:]]
    assert np.array_equal(changed.images[3], examples.images[4])
    assert apply_decisions(examples, {}).labels.tolist() == examples.labels.tolist()
    for wrong in ({20: DROP}, {0: 10}, {-1: 3}):
        with pytest.raises(ValueError, match="cannot become"):
            apply_decisions(examples, wrong)


def test_a_corrected_copy_overwrites_nothing(tmp_path):
    path = tmp_path / "mine.csv"
    save_csv(bars(10), path)
    before = path.read_bytes()
    first, second = (write_corrected(load_csv(path), {0: DROP}, path) for _ in range(2))
    assert (first.name, second.name) == ("mine-corrected.csv", "mine-corrected-2.csv")
    assert len(load_csv(first)) == 9
    assert path.read_bytes() == before


def test_a_list_belongs_to_its_rows(tmp_path):
    examples, path = bars(10), tmp_path / "list.json"
    LabelErrors(rows_digest(examples), (), {"command": "x"}).save(path)
    assert read_label_errors(path, examples).origin == {"command": "x"}
    with pytest.raises(DatasetError, match="a list of other rows"):
        read_label_errors(path, bars(10, seed=1))
    path.write_text(json.dumps({"errors": [{"row": 1}]}), encoding="utf-8")
    with pytest.raises(DatasetError, match="not a list"):
        read_label_errors(path, examples)
    with pytest.raises(DatasetError, match="no such file"):
        read_label_errors(tmp_path / "gone.json", examples)
