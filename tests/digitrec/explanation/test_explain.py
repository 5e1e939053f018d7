"""`digitrec.explain`: maps in the drawing's own pixels, of the answer or of any other digit."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import digitrec
from digitrec import BlankImageError, Explainer, ModelIntegrityError, ModelNotFoundError
from digitrec.artifacts import EXPLANATION_NAME, models_dir
from digitrec.cli import main
from digitrec.explanation.explanation import Explanation
from digitrec.explanation.graph import ExplanationGraph
from digitrec.explanation.picture import Place, lay_onto
from tests.support.drawings import drawing


@pytest.fixture(scope="module")
def explainer(recognizer):
    return Explainer(recognizer)


@pytest.fixture(scope="module")
def four(explainer):
    return explainer.explain(255 - drawing(4, canvas=(300, 200), size=120))


def test_the_answer_is_explained_in_the_drawings_own_pixels(four, recognizer):
    picture = 255 - drawing(4, canvas=(300, 200), size=120)
    prediction = recognizer.predict(picture)
    assert (four.digit, four.predicted) == (4, 4)
    assert four.probability == pytest.approx(prediction.confidence)
    assert four.for_and_against.shape == picture.shape == (200, 300)
    assert four.for_and_against.dtype == np.float32
    assert np.abs(four.for_and_against).max() <= 1
    np.testing.assert_allclose(four.frame, prediction.model_input, atol=1e-5)
    np.testing.assert_array_equal(four.picture, picture)


def test_what_speaks_for_the_answer_lies_on_its_ink(four):
    on_ink = four.for_and_against[four.picture < 128]
    assert on_ink[on_ink > 0].sum() > -2 * on_ink[on_ink < 0].sum()


@pytest.mark.parametrize(("canvas", "at"), [((280, 280), (40, 30)), ((500, 300), (350, 100))])
def test_the_map_lies_where_the_drawing_is(explainer, canvas, at):
    """The frame is laid back onto the drawing: its ink comes out where the ink was."""
    picture = drawing(7, canvas=canvas, at=at, size=120)
    frame, place = explainer.graph.place(picture / np.float32(255))
    laid = lay_onto(frame, Place(*place), picture.shape)
    assert np.abs(laid - picture / 255).mean() < 0.02
    explanation = explainer.explain(255 - picture)
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    beyond = explanation.for_and_against.copy()
    margin = 60
    beyond[max(rows[0] - margin, 0) : rows[-1] + margin, max(columns[0] - margin, 0) : columns[-1] + margin] = 0
    assert not beyond.any()


def test_a_small_drawing_has_a_map_too(explainer):
    explanation = explainer.explain(255 - drawing(3, size=10, canvas=(14, 14), thickness=1.5))
    assert explanation.for_and_against.shape == (14, 14)
    assert np.abs(explanation.for_and_against).max() > 0.1


def test_another_digit_has_another_map(explainer, four):
    nine = explainer.explain(four.picture, 9)
    assert (nine.digit, nine.predicted) == (9, 4)
    assert nine.probability < 0.5
    assert np.corrcoef(nine.frame_map.ravel(), four.frame_map.ravel())[0, 1] < 0.5


def test_on_a_photograph_the_map_lies_on_the_digit_that_was_cut_out(explainer):
    page = np.full((300, 400), 200, np.float32) - np.linspace(0, 60, 400, dtype=np.float32)
    page += np.random.default_rng(0).normal(0, 2, page.shape)
    ink = drawing(5, canvas=(400, 300), at=(250, 100), size=90, thickness=9) / 255
    picture = (page * (1 - 0.8 * ink)).clip(0, 255).astype(np.uint8)
    explanation = explainer.explain(picture)
    assert explanation.predicted == 5
    weight = np.abs(explanation.for_and_against)
    assert weight[80:210, 220:360].sum() > 0.9 * weight.sum()


def test_of_a_number_the_digit_in_a_box_is_explained(explainer):
    page = np.full((120, 220), 255, np.uint8)
    page[10:110, 10:100] = 255 - drawing(4, canvas=(90, 100), size=80, thickness=8)
    page[10:110, 120:210] = 255 - drawing(7, canvas=(90, 100), size=80, thickness=8)
    for predicted, (left, right) in ((4, (10, 100)), (7, (120, 210))):
        explanation = explainer.explain(page, box=(left + 10, 15, right - 10, 105))
        assert explanation.predicted == predicted
        weight = np.abs(explanation.for_and_against)
        assert weight[:, left - 10 : right + 10].sum() > 0.95 * weight.sum()


@pytest.mark.parametrize("surface", ["a canvas", "a photograph"])
def test_a_box_without_ink_is_refused(explainer, surface):
    page = 255 - drawing(4, size=100, at=(150, 150))
    if surface == "a photograph":
        page = (page * 0.7 + np.random.default_rng(0).normal(20, 2, page.shape)).clip(0, 255).astype(np.uint8)
    with pytest.raises(BlankImageError, match="nothing in this box stands out from its paper; pass the box of a digit"):
        explainer.explain(page, box=(0, 0, 60, 80))
    assert explainer.explain(page, box=(145, 145, 255, 255)).predicted == 4


def test_faint_ink_in_a_box_is_explained(explainer):
    page = (200 - np.linspace(0, 30, 280) - drawing(4, size=100, at=(150, 150)) * 0.06).clip(0, 255).astype(np.uint8)
    assert explainer.explain(page, box=(145, 145, 255, 255)).predicted == 4


INVALID_BOXES = [
    *[(1, 2, 3), (5, 5, 5, 9), (0, 0, 900, 20), (0, 0, float("nan"), 5), (-3, 0, 5, 5)],
    *[5, "abcd", (None, 0, 5, 5), ((0, 1), 0, 5, 5), (0, 0, 10**400, 5)],
]


@pytest.mark.parametrize("box", INVALID_BOXES)
def test_invalid_boxes_are_refused(explainer, box):
    with pytest.raises(ValueError, match="left, top, right and bottom of a digit in this 280x280 picture"):
        explainer.explain(255 - drawing(4), box=box)


def test_pictures_of_many_kinds(explainer, tmp_path):
    rgba = np.zeros((60, 50, 4), np.uint8)
    rgba[..., 3] = drawing(1, size=40, canvas=(50, 60), thickness=5)
    assert explainer.explain(rgba).picture[0, 0] == 255
    grey = drawing(1, size=40, canvas=(50, 60), thickness=5)
    assert explainer.explain(grey.astype(np.float32) / 255).for_and_against.shape == (60, 50)
    Image.fromarray(grey).save(tmp_path / "one.png")
    assert explainer.explain(tmp_path / "one.png").predicted == 1


@pytest.mark.parametrize("digit", [10, -1, 3.0, "3", True])
def test_digits_out_of_range_are_refused(explainer, digit):
    with pytest.raises(ValueError, match="whole number from 0 to 9"):
        explainer.explain(255 - drawing(4), digit)


def test_a_blank_picture_is_refused(explainer):
    with pytest.raises(BlankImageError, match="no ink"):
        explainer.explain(np.full((50, 50), 255, np.uint8))


def test_explain_uses_the_shipped_model():
    assert digitrec.explain(255 - drawing(4)).predicted == 4
    assert isinstance(digitrec.explain(255 - drawing(4), 9), Explanation)


def test_it_shows_itself(four, tmp_path):
    assert repr(four).startswith("Explanation(digit=4, probability=")
    html = four._repr_html_()
    assert "Why 4?" in html
    assert html.count("<img ") == html.count("alt=") == 2
    four.save(tmp_path / "four.png")
    with Image.open(tmp_path / "four.png") as saved:
        assert (saved.mode, saved.size) == ("RGB", (300, 200))
        pixels = np.asarray(saved).astype(int)
    strongest = np.unravel_index(four.for_and_against.argmax(), four.picture.shape)
    assert pixels[strongest][0] > pixels[strongest][2] + 80  # orange
    assert set(four.to_dict()) == {"digit", "predicted", "probability", "sentence", "frame_map", "finding"}


def test_a_model_without_what_explains_it_says_so(tmp_path):
    shutil.copy(models_dir() / "digitrec.onnx", tmp_path)
    with pytest.raises(ModelNotFoundError, match=r"explanation\.onnx.*training\.export"):
        Explainer(tmp_path / "digitrec.onnx")
    shutil.copy(models_dir() / "digitrec.onnx", tmp_path / EXPLANATION_NAME)
    with pytest.raises(ModelIntegrityError, match="explains nothing"):
        Explainer(tmp_path / "digitrec.onnx")
    (tmp_path / EXPLANATION_NAME).write_bytes(b"not a graph")
    with pytest.raises(ModelIntegrityError, match="not a readable ONNX model"):
        ExplanationGraph(tmp_path / EXPLANATION_NAME)


def test_activations_follow_the_network(explainer, four):
    activations = explainer.graph.activate(four.frame)
    assert len(activations) >= 3
    assert all(one.ndim == 3 and (one >= 0).all() for one in activations)
    sides = [one.shape[0] for one in activations]
    assert sides == sorted(sides, reverse=True)


def test_the_command_writes_a_picture_for_each(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(255 - drawing(4)).save(tmp_path / name / "four.png")
    Image.new("L", (30, 30), 255).save("blank.png")
    assert main(["explain", "a/four.png", "b/four.png", "blank.png", "--digit", "9", "--out", "why"]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].endswith(f"the answer is 4; {'why'}/four-9.png")
    assert "error: blank.png: no ink" in printed.err
    assert sorted(path.name for path in (tmp_path / "why").iterdir()) == ["four-9-2.png", "four-9.png"]
    assert main(["explain", "a/four.png", "--out", "why", "--json"]) == 0
    assert '"predicted": 4' in capsys.readouterr().out


def test_the_command_never_writes_over_a_picture(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, digit in (("a", 4), ("a-4", 7)):
        Image.fromarray(255 - drawing(digit)).save(f"{name}.png")
    Path("a-4-2.png").write_bytes(b"somebody's")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for _ in range(2):  # the same explanations are found again
        assert main(["explain", "--out", ".", "a.png", f"../{tmp_path.name}/a-4.png"]) == 0
        a, b = capsys.readouterr().out.splitlines()
        assert (a.split("; ")[-1], b.split("; ")[-1]) == ("a-4-3.png", "a-4-7.png")
        assert "7: " in b
        assert {path.name for path in tmp_path.iterdir()} - {path.name for path in before} == {"a-4-3.png", "a-4-7.png"}
    assert all(path.read_bytes() == content for path, content in before.items())


def test_an_explanation_is_no_input(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(255 - drawing(4)).save("a.png")
    assert main(["explain", "a.png", "a-4.png", "--out", "."]) == 1  # the second is not there
    assert "error: a-4.png: " in capsys.readouterr().err
    Path("a-4-2.png").unlink()
    assert main(["explain", ".", "--out", "why"]) == 0
    assert sorted(path.name for path in Path("why").iterdir()) == ["a-4.png"]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, capsys):
    picture = tmp_path / "four.png"
    Image.fromarray(255 - drawing(4)).save(picture)
    assert main(["explain", str(picture), "--out", str(picture)]) == 1
    assert capsys.readouterr().err.startswith("error: ")
