"""The benchmark of accuracy: its pictures, its candidates, its scores, and the command on small data."""

import gzip
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest

from benchmarks.accuracy import command, evaluation, framing, pictures, scores
from benchmarks.accuracy.pictures import Pictures, drawings
from benchmarks.accuracy.recognizers import (
    AT_ONCE,
    Classifications,
    Framed,
    RawCanvas,
    Shipped,
    load_candidates,
    shrunk,
)
from benchmarks.accuracy.scores import NONE, Row, Score, Scores
from digitrec import BlankImageError
from digitrec.errors import DatasetError
from digitrec.ink import ink_from
from digitrec.learning.data import mnist
from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.learning.models.cnn import build_cnn, build_recognizer
from digitrec.learning.negatives.alphabets import Character
from digitrec.learning.runs.run import Run
from digitrec.learning.strokes.recordings import PenDigit
from tests.support.small_data import bars

ROOT = Path(__file__).parents[2]
SEVEN = [[[100, 100], [300, 100], [150, 400]]]
SEVENS = [PenDigit(7, "ann", [np.array(SEVEN[0], float)])] * 12


def answers_of(digits, confidence=0.9, refused=(), doubt=None):
    probabilities = np.full((len(digits), 10), (1 - confidence) / 9, np.float32)
    probabilities[np.arange(len(digits)), digits] = confidence
    gone = np.isin(np.arange(len(digits)), refused)
    probabilities[gone] = 0
    return Classifications(probabilities, gone, None if doubt is None else np.array(doubt, np.float32))


@pytest.fixture(scope="module")
def drawn():
    return {kind.name: kind for kind in drawings(SEVENS)}


def ink_box(canvas):
    rows, columns = np.nonzero(canvas < 128)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_every_way_of_drawing_is_what_it_is_called(drawn):
    assert list(drawn) == [f"strokes_{name}" for name in ("usual", "thin", "thick", "corner", "filled", "stray_dot")]
    for kind in drawn.values():
        assert (kind.images.shape, kind.images.dtype, kind.white_paper) == ((12, 280, 280), np.uint8, True)
        assert kind.labels.tolist() == [7] * 12
    ink = {name: (kind.images < 128).mean() for name, kind in drawn.items()}
    assert 4 * ink["strokes_thin"] < ink["strokes_usual"] < ink["strokes_thick"] / 1.5
    top, bottom, left, right = ink_box(drawn["strokes_usual"].images[0])
    assert (bottom - top, top + bottom, left + right) == pytest.approx((208, 279, 279), abs=3)
    top, bottom, *_ = ink_box(drawn["strokes_filled"].images[0])
    assert bottom - top == pytest.approx(272, abs=3)


def test_corners_are_chosen_by_chance(drawn):
    touched = set()
    for canvas in drawn["strokes_corner"].images:
        top, bottom, left, right = ink_box(canvas)
        assert bottom - top == pytest.approx(69, abs=3)
        assert min(top, 279 - bottom) <= 2
        assert min(left, 279 - right) <= 2
        touched.add((top <= 2, left <= 2))
    assert len(touched) == 4


def test_a_stray_dot_is_as_thick_as_the_brush_and_anywhere(drawn):
    more = [
        (with_dot < 128) & (without >= 128)
        for with_dot, without in zip(drawn["strokes_stray_dot"].images, drawn["strokes_usual"].images, strict=True)
    ]
    assert max(dot.sum() for dot in more) == pytest.approx(np.pi * 9**2, rel=0.05)
    middles = [np.argwhere(dot).mean(0) for dot in more if dot.any()]
    assert np.ptp(middles, axis=0).min() > 100


def test_drawings_are_the_same_each_time(drawn):
    for kind in drawings(SEVENS[:2]):
        np.testing.assert_array_equal(kind.images, drawn[kind.name].images[:2])


def test_negatives_are_canvases_by_kind():
    kinds = pictures.negatives((bars(30), bars(30, seed=2)), SEVENS, 60)
    assert sum(len(kind) for kind in kinds) == 60
    assert {"no_digit_sign", "no_digit_letter", "no_digit_scribble"} <= {kind.name for kind in kinds}
    for kind in kinds:
        assert kind.labels is None
        assert kind.white_paper
        assert kind.images.shape[1:] == (280, 280)


def test_further_negatives_are_drawn_of_what_is_there():
    mnist = bars(30), bars(30, seed=2)
    names = [kind.name for kind in pictures.further_negatives(mnist, SEVENS, [], 3)]
    assert names == ["no_digit_mark", "no_digit_close_digits"]
    cross = [np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.0, 0.5], [1.0, 0.5]])]
    characters = [Character(alphabet, "one", cross) for alphabet in ("Early_Aramaic", "Korean")]
    kinds = pictures.further_negatives(mnist, SEVENS, characters, 3)
    assert [kind.name for kind in kinds][2:] == ["no_digit_character", "no_digit_compound_character"]
    assert all(kind.images.shape == (3, 280, 280) and kind.labels is None for kind in kinds)
    assert len(pictures.further_negatives(mnist, SEVENS, characters[1:], 3)) == 2  # Korean is trained on


def test_printed_digits_come_from_families_of_the_test_part():
    kind = pictures.printed(20)
    assert kind.labels.tolist() == [*range(10), *range(10)]
    assert kind.white_paper


def test_other_peoples_data_is_used_where_it_is_at_hand(tmp_path, monkeypatch):
    monkeypatch.delenv("DIGITREC_DATA_DIR", raising=False)
    assert pictures.usps() is None
    assert pictures.default_strokes() is None
    monkeypatch.setenv("DIGITREC_DATA_DIR", str(tmp_path))
    assert pictures.usps() is None
    np.savez(tmp_path / pictures.USPS_FILE, x=np.zeros((2, 16, 16), np.uint8), y=np.array([3, 4], np.uint8))
    assert pictures.usps().first(1).labels.tolist() == [3]
    np.savez(tmp_path / pictures.USPS_FILE, z=np.zeros(3))
    with pytest.raises(DatasetError, match="does not hold arrays x and y"):
        pictures.usps()


def test_the_shipped_model_answers_as_predict_does_and_may_refuse(drawn, recognizer):
    images = drawn["strokes_usual"].images[:3].copy()
    images[1] = 255
    answers = Shipped().classify(Pictures("some", "some", images, white_paper=True))
    assert answers.refused.tolist() == [False, True, False]
    assert answers.unsureness[1] == 1
    for position in (0, 2):
        np.testing.assert_allclose(answers.probabilities[position], recognizer.predict(images[position]).probabilities)


@dataclass
class Doubtful:
    probabilities: np.ndarray
    doubt: float


class RecognizerWithDoubt:
    """Doubts dark pictures, and finds no ink in black ones."""

    def predict(self, image):
        if not image.any():
            raise BlankImageError("nothing")
        return Doubtful(np.full(10, 0.1, np.float32), 1 - image.mean() / 255)

    def predict_batch(self, images):
        return [self.predict(image) for image in images]


def test_a_refused_picture_has_a_doubt_of_1():
    count = AT_ONCE + 3
    images = np.full((count, 4, 4), 204, np.uint8)
    images[[5, count - 1]] = 0
    answers = Shipped(RecognizerWithDoubt()).classify(Pictures("some", "some", images))
    assert np.flatnonzero(answers.refused).tolist() == [5, count - 1]
    assert answers.doubt[[0, 5]] == pytest.approx([0.2, 1.0])
    assert answers.doubt.shape == (count,)


class Network:
    """Remembers what it was shown."""

    def predict_on_batch(self, ink):
        self.seen = ink
        return np.zeros((len(ink), 11), np.float32)


def test_tutorials_shrink_the_whole_canvas_and_nothing_else(drawn):
    network = Network()
    canvas = drawn["strokes_corner"].images[:1]
    RawCanvas(network).classify(Pictures("some", "some", canvas, white_paper=True))
    assert (network.seen.shape, network.seen.dtype) == ((1, 28, 28, 1), np.float32)
    means = 1 - canvas[0].reshape(28, 10, 28, 10).mean((1, 3)) / 255
    np.testing.assert_allclose(network.seen[0, ..., 0], means, atol=1 / 255)
    images = bars(2).images
    RawCanvas(network).classify(Pictures("some", "some", images))
    np.testing.assert_array_equal(np.rint(255 * network.seen[..., 0]), images)
    assert shrunk(np.full((16, 16), 9, np.uint8)).tolist() == [[9] * 28] * 28


def test_the_same_network_behind_our_frame(drawn):
    cnn = build_cnn(width=4)
    images = drawn["strokes_corner"].images[:3].copy()
    images[1] = 255
    answers = Framed(cnn).classify(Pictures("some", "some", images, white_paper=True))
    assert answers.refused.tolist() == [False, True, False]
    ink = np.stack([ink_from(images[0]), ink_from(images[2])])
    expected = keras.ops.convert_to_numpy(build_recognizer(cnn, Calibration())(ink)["probabilities"])
    np.testing.assert_allclose(answers.probabilities[[0, 2]], expected, atol=0.01)  # its frame is rounded to a byte
    assert answers.doubt is None


def test_a_refusal_is_wrong_and_has_no_confidence():
    labels = np.array([1, 2, 0, 4], np.uint8)
    some = answers_of([1, 2, 0, 5], refused=[2])  # a refusal's largest probability is at 0, which it was
    assert scores.accuracy(some, labels).values["errors"] == 2
    assert scores.accuracy(some, labels).text.startswith("50.00% (")
    assert scores.error(some, labels).text == "50.00%"
    assert scores.calibration(some, labels).values == {
        "count": 3, "ece": pytest.approx(0.9 - 2 / 3, abs=1e-6), "bins": 15,
    }  # fmt: skip
    assert scores.calibration(answers_of([1], refused=[0]), labels[:1]) is NONE


def test_mean_error_and_worst_error_of_the_corruptions():
    errors = {name: Score(f"{share:.2%}", {"error": share}) for name, share in (("fog", 0.5), ("scale", 0.1))}
    assert scores.mean_error(list(errors.values())).text == "30.00%"
    assert scores.worst_error(errors).text == "50.00% (fog)"


def test_doubt_is_scored_where_there_is_one():
    digits, letters, noise = (answers_of([1, 2], doubt=doubt) for doubt in ([0.1, 0.5], [0.9, 0.3], [1, 1]))
    assert scores.doubted(digits).text == "50.00%"
    assert scores.separation(digits, [letters, noise], by_confidence=False).values["auroc"] == pytest.approx(7 / 8)
    assert scores.separation(digits, [letters, noise], by_confidence=True).values["auroc"] == 0.5
    assert scores.doubted(answers_of([1])) is NONE
    assert scores.separation(answers_of([1]), [answers_of([1])], by_confidence=False) is NONE


def test_a_table_has_headings_and_columns():
    rows = [
        Row("one", "a", "first", [Score("1", {"x": 1}), NONE]),
        Row("one", "b", "the second", [Score("22", {"x": 2}), Score("3", {"x": 3})]),
        Row("two", "c", "third", [NONE, NONE]),
    ]
    table = Scores(["we", "they"], rows, {"one": "Heading one", "two": "Heading two"})
    assert str(table).splitlines() == [
        "            we  they",
        "",
        "Heading one",
        "first       1   -",
        "the second  22  3",
        "",
        "Heading two",
        "third       -   -",
    ]
    assert table.to_dict() == {
        "we": {"one": {"a": {"x": 1}, "b": {"x": 2}}, "two": {}},
        "they": {"one": {"b": {"x": 3}}, "two": {}},
    }


@pytest.fixture
def small_data(tmp_path, monkeypatch):
    """Bars instead of MNIST, eleven drawings, twenty pictures of no digit, and a run of an untrained network."""
    for module in (evaluation, mnist):
        monkeypatch.setattr(module, "load_mnist", lambda: (bars(30), bars(30, seed=2)))
    monkeypatch.setattr(pictures, "NEGATIVES", 20)
    monkeypatch.setattr(command, "FEW_NEGATIVES", 20)
    monkeypatch.delenv("DIGITREC_DATA_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    with gzip.open(tmp_path / "strokes.jsonl.gz", "wt") as file:
        for label, writer in [
            *enumerate(2 * ["train-6", "train-14", "train-22", "train-30", "train-6"]),
            (7, "train-1"),
        ]:
            file.write(json.dumps({"label": label, "writer": writer, "strokes": SEVEN}) + "\n")
    run = Run.create(tmp_path / "runs", "classic", {})
    build_cnn(width=4).save(run.checkpoint)
    return ["--strokes", "strokes.jsonl.gz", "--keep-suspects", "--classic", str(run.path)]


def test_the_command_evaluates_all_candidates_on_all_pictures(small_data, tmp_path, capsys):
    assert command.main([*small_data, "--quick", "--json", "scores.json"]) == 0
    printed = capsys.readouterr()
    written = json.loads((tmp_path / "scores.json").read_text())
    (table,) = written["tables"]
    assert list(table) == ["digitrec", "classic, raw canvas", "classic, our frame"]
    for values in table.values():
        assert list(values) == list(evaluation.GROUPS)
        assert values["digits"]["mnist_test"]["count"] == evaluation.FEW
        assert values["digits"]["strokes_thin"]["count"] == 10  # not the last, whose writer is not held out
        assert set(values["calibration"]) == {"mnist_test", "strokes_usual"}
        assert len(values["mnist_c"]) == 17
        assert values["auroc_confidence"].keys() == values["digits"].keys()
        assert 0 <= values["auroc_confidence"]["mnist_test"]["auroc"] <= 1
    assert "drawings, usual brush, a stray dot, 10" in printed.out
    assert "no digit: sign, " in printed.out
    assert "zigzag, 20: " in printed.err
    name = next((tmp_path / "runs").iterdir()).name
    assert written["origin"]["command"] == (
        f"python -m benchmarks.accuracy --classic {name} --strokes strokes.jsonl.gz --keep-suspects --quick"
    )


def test_figures_of_the_shipped_model_go_on_its_card(tmp_path, monkeypatch, small_data):
    (tmp_path / "models").mkdir()
    shutil.copy(ROOT / "models" / "card.json", tmp_path / "models")
    monkeypatch.setattr(command, "models_dir", lambda: tmp_path / "models")
    before = json.loads((tmp_path / "models" / "card.json").read_text())["figures"]["mnist_test"]
    assert command.main([*small_data[:3], "--write-card"]) == 0
    figures = json.loads((tmp_path / "models" / "card.json").read_text())["figures"]
    assert figures["mnist_test"] == before
    assert figures["strokes_usual"]["count"] == 10
    assert figures["strokes_usual"]["command"] == (
        "python -m benchmarks.accuracy --strokes strokes.jsonl.gz --keep-suspects"
    )
    assert figures["mnist_c"]["fog"]["count"] == 30
    assert figures["mnist_c"]["worst"]["name"] in figures["mnist_c"]
    assert 0 <= figures["calibration"]["mnist_test"]["ece"] <= 1
    assert "commit" in figures["calibration"]


def test_doubt_goes_on_the_card_where_there_is_one():
    row = Row("doubted", "letters", "letters", [Score("90.00%", {"count": 10, "doubted": 0.9})])
    table = Scores(["digitrec"], [row], evaluation.GROUPS)
    figures = command.card_figures(table, "a command")
    assert figures == {
        "doubt": {"command": "a command", "doubted": {"letters": {"count": 10, "doubted": 0.9}}},
    }
    assert command.card_figures(Scores(["digitrec"], [], evaluation.GROUPS), "a command") == {}


def test_missing_files_and_broken_runs_are_reported(small_data, tmp_path, capsys):
    assert command.main(["--strokes", "none.jsonl"]) == 1
    assert "none.jsonl: no such file" in capsys.readouterr().err
    assert command.main([*small_data[:3], "--writers", "nobody"]) == 1
    assert "no digit by nobody" in capsys.readouterr().err
    assert command.main(small_data[:2]) == 1
    assert "the list of suspects is of other recordings" in capsys.readouterr().err
    with pytest.raises(DatasetError, match=r"no best\.keras: no epoch of it has ended"):
        load_candidates(Run.create(tmp_path / "runs", "young", {}))
    for wrong in (["--quick", "--write-card"], ["--json", "missing/scores.json"]):
        with pytest.raises(SystemExit):
            command.main(wrong)


def test_the_ways_of_framing_differ_as_their_names_say(drawn):
    whole = drawn["strokes_corner"].images[:2]
    dotted = drawn["strokes_usual"].images[:2].copy()
    dotted[:, 5:20, 5:20] = 0
    assert [way(whole).shape for way in framing.WAYS.values()] == 4 * [(2, 28, 28)]
    small = framing.raw(whole)[0] > 0.5
    assert np.ptp(np.flatnonzero(small.any(1))) < 9  # a quarter of the canvas stays a quarter
    boxed = framing.box_only(dotted)[0] > 0.2
    rows = np.flatnonzero(boxed.any(1))
    assert abs(rows[0] - (27 - rows[-1])) <= 1
    np.testing.assert_allclose(
        framing.ours(dotted)[0][8:], framing.ours(drawn["strokes_usual"].images[:1])[0][8:], atol=1e-4
    )
    assert np.abs(framing.box_and_mass(dotted) - framing.ours(dotted)).max() > 0.5


def test_a_table_of_framings():
    kinds = [Pictures("some", "some, 2", np.stack([255 - bars(2).images[0]] * 2), np.array([0, 0]), white_paper=True)]
    head, row = framing.table(kinds, Network()).splitlines()
    assert head.split("  ") != row
    assert row.split()[-4:] == 4 * ["100.00%"]  # its first of equal logits is a 0
