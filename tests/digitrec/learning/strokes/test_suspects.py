import gzip
import json

import keras
import numpy as np
import pytest

import training.find_suspects
import training.render_strokes
from digitrec.errors import DatasetError
from digitrec.learning.cross_validation import assign_folds, out_of_fold_probabilities
from digitrec.learning.data import mnist
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.strokes.recordings import PenDigit, digest, read_strokes
from digitrec.learning.strokes.suspects import (
    PENDIGITS_SUSPECTS,
    Rule,
    Suspect,
    SuspectList,
    drop_suspects,
    find_suspects,
    read_suspects,
)
from tests.support.small_data import bars

UPRIGHT, FLAT = [[[50, 0], [52, 100]]], [[[0, 50], [100, 52]]]
SMALL = Rule(folds=2, drawings=4, mnist=0, epochs=12, batch_size=16, width=4, learning_rate=0.01)


def pen_digit(strokes, label, writer="ann"):
    return PenDigit(label, writer, [np.array(stroke, float) for stroke in strokes])


def recordings(count=40):
    """Upright strokes labelled 1 and flat ones labelled 0, by four writers, the third of them mislabelled."""
    digits = [pen_digit((FLAT, UPRIGHT)[i % 2], i % 2, f"writer-{i // 2 % 4}") for i in range(count)]
    digits[2] = pen_digit(FLAT, 1, digits[2].writer)
    return digits


def write_recordings(path, digits):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for digit in digits:
            strokes = [stroke.tolist() for stroke in digit.strokes]
            file.write(json.dumps({"strokes": strokes, "label": digit.label, "writer": digit.writer}) + "\n")
    return path


@pytest.fixture
def small_mnist(monkeypatch):
    monkeypatch.setattr(mnist, "load_mnist", lambda: (bars(50), bars(50)))
    keras.utils.disable_interactive_logging()
    yield
    keras.utils.enable_interactive_logging()


class TestDigest:
    def test_it_is_of_the_content_not_of_the_file(self, tmp_path):
        digits = recordings()
        assert digest(read_strokes(write_recordings(tmp_path / "a.gz", digits))) == digest(digits)

    @pytest.mark.parametrize(
        "other",
        [
            pen_digit(UPRIGHT, 7),
            pen_digit(UPRIGHT, 1, "bob"),
            pen_digit([[[50, 0], [52, 101]]], 1),
            pen_digit([[[50, 0]], [[52, 100]]], 1),
        ],
    )
    def test_label_writer_points_and_strokes_count(self, other):
        assert digest([other]) != digest([pen_digit(UPRIGHT, 1)])

    def test_the_digest_depends_on_the_order_of_the_recordings(self):
        one, two = pen_digit(UPRIGHT, 1), pen_digit(FLAT, 0)
        assert digest([one, two]) != digest([two, one])


class TestRule:
    def test_a_recording_is_suspect_from_the_threshold_on(self):
        probabilities = np.full((4, 10), 0.0)
        probabilities[0, 1] = 1.0  # as labelled
        probabilities[1, [3, 1]] = 0.91, 0.09  # sure of another
        probabilities[2, [3, 1]] = 0.89, 0.11  # not sure enough
        probabilities[3, 0] = 0.9
        digits = [pen_digit(UPRIGHT, 1, f"w{i}") for i in range(4)]
        assert find_suspects(Rule(threshold=0.9), digits, probabilities) == (
            Suspect(2, "w1", 1, 3, 0.91),
            Suspect(4, "w3", 1, 0, 0.9),
        )

    @pytest.mark.parametrize(
        "setting", [{"threshold": 0.4}, {"threshold": 1.0}, {"folds": 1}, {"drawings": 0}, {"epochs": 0}, {"seed": -1}]
    )
    def test_impossible_settings_are_named(self, setting):
        with pytest.raises(ValueError, match=next(iter(setting))):
            Rule(**setting)


class TestFolds:
    def test_no_writer_is_in_two(self):
        writers = [f"w{i % 7}" for i in range(70)]
        fold = assign_folds(writers, 3, seed=1)
        assert all(len({f for f, w in zip(fold, writers, strict=True) if w == name}) == 1 for name in writers)
        assert sorted(np.bincount(fold)) == [20, 20, 30]

    def test_folds_follow_from_the_seed_whatever_the_order(self):
        writers = [f"w{i}" for i in range(20)]
        fold = assign_folds(writers, 4, seed=1)
        np.testing.assert_array_equal(assign_folds(writers[::-1], 4, seed=1), fold[::-1])
        assert (assign_folds(writers, 4, seed=2) != fold).any()

    def test_too_few_writers(self):
        with pytest.raises(DatasetError, match="2 writers cannot be split into 3 folds"):
            assign_folds(["a", "b", "a"], 3, seed=0)


def test_networks_that_never_saw_the_writer_find_the_wrong_label():
    digits = recordings()
    probabilities = out_of_fold_probabilities(digits, bars(0), SMALL)
    assert probabilities.shape == (40, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert [suspect.line for suspect in find_suspects(Rule(threshold=0.6), digits, probabilities)] == [3]


class TestList:
    @pytest.fixture
    def suspects(self):
        digits = recordings()
        return SuspectList(digest(digits), (Suspect(3, digits[2].writer, 1, 0, 0.97),), SMALL, {"command": "by hand"})

    def test_written_and_read(self, suspects, tmp_path):
        suspects.save(tmp_path / "list.json")
        assert read_suspects(tmp_path / "list.json") == suspects

    def test_left_out(self, suspects):
        digits = recordings()
        assert drop_suspects(digits, suspects) == digits[:2] + digits[3:]

    def test_other_recordings_are_refused(self, suspects):
        with pytest.raises(DatasetError, match=r"other recordings .* training\.find_suspects"):
            drop_suspects(recordings()[1:], suspects)
        with pytest.raises(DatasetError, match="other recordings"):
            drop_suspects(recordings())  # not UCI's

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"suspects": [{"line": 1}], "sha256": "", "rule": {}}'])
    def test_files_that_are_none(self, tmp_path, text):
        with pytest.raises(DatasetError, match="no such file"):
            read_suspects(tmp_path / "none.json")
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(DatasetError, match="not a list of suspects"):
            read_suspects(tmp_path / "bad.json")

    def test_the_shipped_list_is_of_uci_s_recordings(self, data_dir):
        digits = read_strokes(data_dir / "pendigits_train_strokes.jsonl.gz")
        found = read_suspects(PENDIGITS_SUSPECTS)
        assert found.rule == Rule()
        assert len(drop_suspects(digits)) == len(digits) - len(found.suspects)
        assert 0 < len(found.suspects) < 0.02 * len(digits)
        for suspect in found.suspects:
            digit = digits[suspect.line - 1]
            assert (digit.label, digit.writer) == (suspect.label, suspect.writer)
            assert suspect.predicted != suspect.label
            assert 0.9 <= suspect.confidence <= 1


class TestCommands:
    def test_find_then_render_without_them(self, tmp_path, capsys, small_mnist):
        strokes = str(write_recordings(tmp_path / "mine.jsonl.gz", recordings()))
        found, csv = str(tmp_path / "found.json"), str(tmp_path / "out.csv")
        small = ["--folds", "2", "--epochs", "1", "--width", "4", "--mnist", "20", "--threshold", "0.5"]
        assert training.find_suspects.main([strokes, found, *small]) == 0
        assert "fold 2 of 2" in capsys.readouterr().out
        listed = read_suspects(found)
        assert listed.sha256 == digest(recordings())
        assert listed.rule == Rule(folds=2, epochs=1, width=4, mnist=20, threshold=0.5)
        assert listed.origin["command"].startswith("python -m training.find_suspects")
        assert listed.origin["packages"]["keras"] == keras.__version__

        SuspectList(listed.sha256, (Suspect(3, "writer-1", 1, 0, 0.97),)).save(found)
        assert training.render_strokes.main([strokes, csv, "--per-digit", "1", "--suspects", found]) == 0
        assert "left out 1 recordings" in capsys.readouterr().out
        assert len(load_csv(csv)) == 39
        others = ["--suspects", found, "--without-writers", "writer-1"]
        assert training.render_strokes.main([strokes, csv, "--per-digit", "1", *others]) == 0
        assert "left out 0 recordings" in capsys.readouterr().out

    def test_the_shipped_list_is_refused_for_other_recordings(self, tmp_path, capsys):
        strokes = str(write_recordings(tmp_path / "mine.jsonl.gz", recordings()))
        assert training.render_strokes.main([strokes, str(tmp_path / "out.csv"), "--drop-suspects"]) == 1
        assert "python -m training.find_suspects" in capsys.readouterr().err

    def test_the_command_refuses_bad_arguments_and_files(self, tmp_path, capsys, small_mnist):
        strokes = str(write_recordings(tmp_path / "mine.jsonl.gz", recordings()))
        assert training.find_suspects.main([str(tmp_path / "none"), "out.json"]) == 1
        assert training.find_suspects.main([strokes, str(tmp_path / "out.json"), "--folds", "9"]) == 1
        assert "choose fewer folds" in capsys.readouterr().err
        with pytest.raises(SystemExit):
            training.find_suspects.main([strokes, "out.json", "--threshold", "2"])
