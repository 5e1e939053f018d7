import gzip
import json

import numpy as np
import pytest

import training.render_strokes
from digitrec.errors import DatasetError
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.strokes import rendering
from digitrec.learning.strokes.drawing import Style
from digitrec.learning.strokes.recordings import PenDigit, choose_writers, read_strokes
from digitrec.learning.strokes.rendering import render

SEVEN = [[[100, 100], [200, 100], [150, 300]]]
ONE = [[[250, 50], [250, 450]]]


def write_lines(path, *values, opener=open):
    with opener(path, "wt", encoding="utf-8") as file:
        file.writelines((value if isinstance(value, str) else json.dumps(value)) + "\n" for value in values)
    return path


@pytest.fixture
def stroke_file(tmp_path):
    return write_lines(
        tmp_path / "strokes.jsonl.gz",
        {"label": 7, "writer": "ann", "strokes": SEVEN},
        {"label": 1, "writer": "bob", "strokes": ONE},
        opener=gzip.open,
    )


def pen_digit(strokes=SEVEN, label=7):
    return PenDigit(label, "ann", [np.array(stroke, float) for stroke in strokes])


class TestReading:
    def test_plain_and_gzipped_files_are_read(self, stroke_file, tmp_path):
        digits = read_strokes(stroke_file)
        assert [(d.label, d.writer) for d in digits] == [(7, "ann"), (1, "bob")]
        assert digits[0].strokes[0].tolist() == SEVEN[0]
        plain = write_lines(tmp_path / "plain.jsonl", {"label": 7, "writer": "ann", "strokes": SEVEN})
        assert read_strokes(plain)[0].label == 7

    def test_uci_s_recordings_are_read(self, data_dir):
        digits = read_strokes(data_dir / "pendigits_train_strokes.jsonl.gz")
        assert len(digits) == 7494
        assert len({digit.writer for digit in digits}) == 30

    @pytest.mark.parametrize(
        "line",
        [
            "{broken",
            "[]",
            {"label": 12, "writer": "a", "strokes": SEVEN},
            {"label": "7", "writer": "a", "strokes": SEVEN},
            {"label": 7, "writer": "a", "strokes": []},
            {"label": 7, "writer": "a", "strokes": [[[1, 2, 3]]]},
            {"label": 7, "writer": "a", "strokes": [[1, 2]]},
            {"label": 7, "writer": "a", "strokes": [[["x", 2]]]},
        ],
    )
    def test_a_line_that_is_no_digit_is_named(self, tmp_path, line):
        path = write_lines(tmp_path / "bad.jsonl", {"label": 7, "writer": "ann", "strokes": SEVEN}, line)
        with pytest.raises(DatasetError, match=r"bad\.jsonl, line 2: no pen digit"):
            read_strokes(path)

    def test_where_no_writer_is_named_blocks_stand_for_writers(self, tmp_path):
        lines = [{"label": label, "strokes": SEVEN} for label in (7, 1) for _ in range(20)]
        digits = read_strokes(write_lines(tmp_path / "unnamed.jsonl", *lines))
        blocks = [f"block-{number // 2}" for number in range(20)]
        assert [digit.writer for digit in digits] == 2 * blocks

    def test_files_that_are_none(self, tmp_path):
        with pytest.raises(DatasetError, match="no such file"):
            read_strokes(tmp_path / "none.jsonl")
        (tmp_path / "bad.jsonl.gz").write_bytes(b"not gzip")
        with pytest.raises(DatasetError, match="not a file of pen strokes"):
            read_strokes(tmp_path / "bad.jsonl.gz")
        (tmp_path / "empty.jsonl").write_text("")
        with pytest.raises(DatasetError, match="no pen strokes in it"):
            read_strokes(tmp_path / "empty.jsonl")

    def test_writers(self, stroke_file):
        digits = read_strokes(stroke_file)
        assert [d.writer for d in choose_writers(digits, only=["bob"])] == ["bob"]
        assert [d.writer for d in choose_writers(digits, without=["bob"])] == ["ann"]
        with pytest.raises(DatasetError, match="no digit by eve; the writers are ann, bob"):
            choose_writers(digits, without=["eve"])


class TestRendering:
    def test_drawings_end_up_in_mnists_frame(self):
        examples = render([pen_digit()], per_digit=6, seed=1)
        assert examples.images.shape == (6, 28, 28)
        assert examples.labels.tolist() == [7] * 6
        for image in examples.images:
            inked = image > 40
            height, width = np.ptp(np.flatnonzero(inked.any(1))) + 1, np.ptp(np.flatnonzero(inked.any(0))) + 1
            assert 18 <= max(height, width) <= 21
            assert image.max() == 255

    def test_drawings_follow_from_the_seed(self):
        bent = render([pen_digit()], per_digit=3, seed=1, other_hands=True).images
        one, same, other = (render([pen_digit()], per_digit=3, seed=seed).images for seed in (1, 1, 2))
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()
        assert (one != bent).any()
        assert (one[0] != one[1]).any()

    def test_a_drawing_without_ink_is_left_out_and_the_others_know_their_digit(self, monkeypatch):
        monkeypatch.setattr(rendering, "random_style", lambda rng: Style(brush=0.1 if rng.uniform() < 0.5 else 9.0))
        lone_dot = pen_digit([[[5, 5]]], label=1)
        examples, rows = rendering.render_with_rows([lone_dot, pen_digit()], per_digit=40, seed=0)
        assert 0 < (rows == 0).sum() < 40 == (rows == 1).sum()
        np.testing.assert_array_equal(examples.labels, np.array([1, 7])[rows])
        monkeypatch.setattr(rendering, "random_style", lambda rng: Style(brush=0.1))
        with pytest.raises(DatasetError, match="no digit to draw"):
            render([lone_dot], per_digit=2, seed=0)

    def test_the_shipped_model_reads_the_drawings(self, data_dir, recognizer):
        """On some hundred digits by real writers: if drawing or framing were wrong, this would fall far."""
        digits = read_strokes(data_dir / "pendigits_train_strokes.jsonl.gz")[:300]
        examples = render(digits, per_digit=1, seed=0)
        probabilities = recognizer.run(examples.images.astype(np.float32) / np.float32(255)).probabilities
        assert (probabilities.argmax(1) == examples.labels).mean() > 0.9

    def test_the_command_writes_a_csv_file(self, stroke_file, tmp_path, capsys):
        csv = tmp_path / "out.csv"
        assert training.render_strokes.main([str(stroke_file), str(csv), "--per-digit", "2"]) == 0
        assert "wrote 4 drawings of 2 digits" in capsys.readouterr().out
        assert load_csv(csv).labels.tolist() == [7, 7, 1, 1]
        assert training.render_strokes.main([str(stroke_file), str(csv), "--without-writers", "ann"]) == 0
        assert set(load_csv(csv).labels) == {1}

    def test_the_command_refuses_bad_arguments_and_files(self, stroke_file, tmp_path, capsys):
        assert training.render_strokes.main([str(tmp_path / "none"), str(tmp_path / "out.csv")]) == 1
        assert training.render_strokes.main([str(stroke_file), str(tmp_path / "no" / "out.csv")]) == 1
        assert "cannot be written" in capsys.readouterr().err
        with pytest.raises(SystemExit):
            training.render_strokes.main([str(stroke_file), "x.csv", "--per-digit", "0"])
