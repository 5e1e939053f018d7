"""The functions behind the Gradio sketchpad, each on its own."""

import base64
import csv
import io
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import digitrec
from demos.sketchpad import answering, batch, corrections
from demos.sketchpad.examples import example_drawing
from demos.sketchpad.inputs import Recent
from digitrec import Prediction
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.training_rows import NOT_A_DIGIT
from tests.support.drawings import drawing, encoded, sketched

ROOT = Path(__file__).parents[2]


class Fake:
    """A recognizer with an answer of the test's choice; it keeps what it was asked."""

    def __init__(self, digit=4, confidence=0.97, doubt=0.0, second=9):
        self.probabilities = np.zeros(10, np.float32)
        self.probabilities[[digit, second]] = confidence, 1 - confidence
        self.doubt = doubt
        self.asked = []

    def predict(self, image):
        self.asked.append(image)
        digit = int(self.probabilities.argmax())
        frame = np.eye(28, dtype=np.float32)
        return Prediction(digit, float(self.probabilities[digit]), self.probabilities, self.doubt, frame)


def sketch(composite=None, layers=(), background=None):
    return {"background": background, "layers": list(layers), "composite": composite}


def blank_sheet():
    return Image.new("RGBA", (280, 280), (0, 0, 0, 0))


def ink_of(digit):
    return Image.fromarray(sketched(drawing(digit)))


def state(shown):
    return re.search(r'data-state="(\w+)"', shown.verdict)[1]


def text(markup):
    """What a reader sees of it."""
    words = []
    parser = HTMLParser()
    parser.handle_data = words.append
    parser.feed(markup)
    return " ".join(" ".join(words).split())


@pytest.mark.parametrize("digit", range(10))
def test_a_sketch_whose_ink_lives_in_alpha_alone_is_answered_as_predict_does(recognizer, digit):
    shown = answering.show_sketch(recognizer, sketch(ink_of(digit)))
    expected = digitrec.predict(ink_of(digit))
    assert state(shown) == "answer"
    assert text(shown.verdict).startswith(f"{digit} ")
    assert shown.probabilities == {str(d): float(p) for d, p in enumerate(expected.probabilities)}
    np.testing.assert_array_equal(shown.frame, expected.model_input)


@pytest.mark.parametrize("nothing", [None, sketch(), sketch(blank_sheet()), sketch(blank_sheet(), [blank_sheet()])])
def test_before_there_is_ink_the_page_invites_and_says_so_kindly_when_asked(recognizer, nothing):
    shown = answering.show_sketch(recognizer, nothing)
    assert text(shown.verdict) == "? Your digit will appear here"
    assert shown.probabilities is None
    assert shown.frame is None
    asked = answering.show_submitted_sketch(recognizer, nothing)
    assert text(asked.verdict) == "? There is no ink yet. Draw a digit first."
    assert state(asked) == "notice"


def test_a_submitted_sketch_gets_the_same_answer(recognizer):
    drawn = sketch(ink_of(6))
    assert answering.show_submitted_sketch(recognizer, drawn).verdict == (
        answering.show_sketch(recognizer, drawn).verdict
    )


def test_layers_without_a_composite_are_laid_on_each_other(recognizer):
    seven = np.array(ink_of(7))
    upper, lower = seven.copy(), seven.copy()
    upper[140:] = lower[:140] = 0
    layers = [Image.fromarray(upper), Image.fromarray(lower)]
    assert np.array_equal(np.array(answering.picture_of(sketch(None, layers))), seven)
    assert text(answering.show_sketch(recognizer, sketch(None, layers)).verdict).startswith("7 ")
    assert answering.picture_of(sketch(None, [upper, lower])).size == (280, 280)  # arrays, as another type of pad gives
    paper = Image.new("RGB", (280, 280), "white")
    assert text(answering.show_sketch(recognizer, sketch(None, layers, paper)).verdict).startswith("7 ")


def test_doubt_is_said_in_the_words_of_the_web_app():
    shown = answering.show_sketch(Fake(digit=4, doubt=0.9), sketch(ink_of(4)))
    assert text(shown.verdict).startswith("? I can't see a digit, my best guess is 4")
    assert state(shown) == "doubt"
    assert "I can't see a digit," in (ROOT / "flask_app/static/view.js").read_text("utf-8")


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.55, "55% sure, or else 9"),
        (0.9, "90% sure"),
        (0.9971, "99.7% sure"),
        (0.99996, "99.9% sure"),
        (1, "99.9% sure"),
    ],
)
def test_sureness_in_words(confidence, words):
    shown = answering.show_sketch(Fake(confidence=confidence), sketch(ink_of(4)))
    assert text(shown.verdict).startswith(f"4 {words} What the model saw")


def test_the_page_shows_the_pixels_that_the_model_saw(recognizer):
    shown = answering.show_sketch(recognizer, sketch(ink_of(3)))
    png = base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', shown.verdict)[1])
    pixels = np.array(Image.open(io.BytesIO(png)))
    assert pixels.shape == (28, 28)
    np.testing.assert_array_equal(pixels, np.rint(255 * shown.frame))


def test_an_uploaded_picture_is_handed_over_undecoded(recognizer, tmp_path):
    path = tmp_path / "five.jpg"
    path.write_bytes(encoded(255 - drawing(5), "JPEG"))
    fake = Fake()
    answering.show_picture(fake, str(path))
    assert fake.asked == [path]
    assert text(answering.show_picture(recognizer, str(path)).verdict).startswith("5 ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no picture", "These 10 bytes are not a readable picture; pass"),
        (encoded(np.full((30, 40), 255, np.uint8)), "No ink: nothing in this 40x30 picture"),
        (b"", "The file is empty;"),
    ],
)
def test_a_picture_without_an_answer_gets_a_sentence(recognizer, tmp_path, content, words):
    (tmp_path / "picture.png").write_bytes(content)
    shown = answering.show_picture(recognizer, str(tmp_path / "picture.png"))
    assert words in text(shown.verdict)
    assert text(shown.verdict).endswith(".")
    assert state(shown) == "notice"
    assert shown.probabilities is None


def test_without_a_picture_the_page_invites_and_says_so_when_asked(recognizer, tmp_path):
    assert answering.show_picture(recognizer, None) == answering.show_nothing()
    assert "There is no picture yet." in text(answering.show_submitted_picture(recognizer, None).verdict)
    (tmp_path / "five.png").write_bytes(encoded(drawing(5)))
    assert text(answering.show_submitted_picture(recognizer, str(tmp_path / "five.png")).verdict).startswith("5 ")


@pytest.mark.parametrize("digit", range(10))
def test_each_example_is_a_drawing_in_alpha_alone_of_its_digit(digit):
    example = example_drawing(digit)
    assert (example.mode, example.size) == ("RGBA", (280, 280))
    pixels = np.array(example)
    assert not pixels[..., :3].any()
    assert pixels[..., 3].max() == 255
    answer = digitrec.predict(example)
    assert (answer.digit, answer.is_digit) == (digit, True)
    assert answer.confidence > 0.9


def test_the_oldest_drawings_that_nobody_asked_about_are_forgotten():
    kept = Recent(3)
    for key in "abcabde":
        kept[key] = key.upper()
    assert dict(kept) == {"c": "C", "d": "D", "e": "E"}
    assert kept.pop("d") == "D"


def some_files(folder):
    (folder / "four <b>.png").write_bytes(encoded(255 - drawing(4)))
    (folder / "notes.txt").write_text("no picture")
    (folder / "blank.png").write_bytes(encoded(np.zeros((20, 20), np.uint8)))
    heart = example_drawing(4)
    heart.alpha_composite(example_drawing(7))
    (folder / "both.png").write_bytes(encoded(heart))
    names = ["four <b>.png", "notes.txt", "blank.png", "both.png", "gone.png"]
    return [batch.File(folder / name, name) for name in names]


def test_in_a_batch_a_bad_file_fails_alone_with_its_own_sentence(recognizer, tmp_path):
    rows = batch.recognize(recognizer, some_files(tmp_path))
    assert [row.name for row in rows] == ["four <b>.png", "notes.txt", "blank.png", "both.png", "gone.png"]
    assert rows[0].prediction.digit == 4
    assert [row.prediction is None for row in rows] == [False, True, True, False, True]
    assert rows[1].problem.startswith("These 10 bytes are not a readable picture")
    assert rows[2].problem.startswith("No ink: ")
    assert rows[4].problem.startswith("The picture cannot be read: ")
    assert batch.summary(rows) == "5 pictures: 1 digit, 1 in which I can't see a digit, 3 that could not be read."
    assert batch.summary(rows[:1]) == "1 picture: 1 digit."


def test_the_table_tells_it_to_people(recognizer, tmp_path):
    rows = batch.recognize(recognizer, some_files(tmp_path))
    cells = [[text(cell) for cell in line.split("<td>")[1:]] for line in batch.table(rows).split("<tr>")[2:]]
    assert cells[0][:2] == ["four <b>.png", "4"]  # the name as it is, not as a tag
    assert cells[0][2].endswith("%")
    assert cells[1] == ["notes.txt", "", "", rows[1].problem]
    assert cells[3][:3] == ["both.png", "?", ""]
    assert cells[3][3].startswith("I can't see a digit, my best guess is ")


def test_the_csv_tells_it_to_programs(recognizer, tmp_path):
    rows = batch.recognize(recognizer, some_files(tmp_path))
    lines = list(csv.DictReader(io.StringIO(batch.csv_text(rows))))
    assert [line["file"] for line in lines] == [row.name for row in rows]
    answer = digitrec.predict(tmp_path / "four <b>.png")
    assert int(lines[0]["digit"]) == 4
    assert float(lines[0]["confidence"]) == answer.confidence
    assert [float(lines[0][f"p{d}"]) for d in range(10)] == [float(p) for p in answer.probabilities]
    assert (lines[0]["is_digit"], lines[3]["is_digit"]) == ("True", "False")
    assert lines[0]["problem"] == ""
    assert (lines[1]["digit"], lines[1]["problem"]) == ("", rows[1].problem)


def test_no_files_and_too_many_are_refused_before_any_work(tmp_path):
    with pytest.raises(batch.BatchRefusedError, match="no pictures yet"):
        batch.recognize(Fake(), [])
    fake = Fake()
    with pytest.raises(batch.BatchRefusedError, match="1001 pictures are too many at once; choose at most 1000"):
        batch.recognize(fake, [batch.File(tmp_path / "x", "x")] * 1001)
    assert fake.asked == []


def test_corrections_are_read_back_by_the_trainer_s_own_reader(recognizer, tmp_path):
    path = tmp_path / "new" / "corrections.csv"
    frames = [recognizer.predict(ink_of(digit)).model_input for digit in (3, 8)]
    said = [corrections.put_right(path, frame, label) for frame, label in zip(frames, ("5", "8"), strict=True)]
    examples = load_csv(path)
    assert examples.labels.tolist() == [5, 8]
    np.testing.assert_array_equal(examples.images, [np.rint(255 * frame) for frame in frames])
    assert said[0] == f"Saved as a 5 in `{path}`. To train on it: `python -m training.train --csv {path}`"
    assert said[1].startswith("Saved as an 8 in")


def test_what_is_no_digit_goes_to_a_file_of_its_own(recognizer, tmp_path):
    frame = recognizer.predict(ink_of(3)).model_input
    said = corrections.put_right(tmp_path / "mine.csv", frame, "no digit")
    examples = load_csv(tmp_path / "mine-negatives.csv", negatives=True)
    assert examples.labels.tolist() == [NOT_A_DIGIT]
    assert "--negatives" in said
    assert not (tmp_path / "mine.csv").exists()


WRITER = """
import sys
from pathlib import Path
import numpy as np
from demos.sketchpad.corrections import save_correction
for _ in range(50):
    save_correction(Path(sys.argv[1]), np.full((28, 28), int(sys.argv[2]) / 255, np.float32), sys.argv[2])
"""


def test_several_processes_may_write_at_once(tmp_path):
    path = tmp_path / "corrections.csv"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(n)], cwd=ROOT) for n in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    examples = load_csv(path)
    assert np.bincount(examples.labels).tolist() == [50] * 4
    assert all((image == label).all() for image, label in zip(examples.images, examples.labels, strict=True))


def test_half_a_row_of_a_killed_process_is_written_over(tmp_path):
    path, frame = tmp_path / "corrections.csv", np.zeros((28, 28), np.float32)
    corrections.save_correction(path, frame, "1")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[-700:-400])
    corrections.save_correction(path, frame, "2")
    assert load_csv(path).labels.tolist() == [1, 2]
    path.write_bytes(whole[:3000])  # within the header
    corrections.save_correction(path, frame, "3")
    assert load_csv(path).labels.tolist() == [3]


def refusal_of(path, frame=None, label="1"):
    frame = np.zeros((28, 28), np.float32) if frame is None else frame
    with pytest.raises(corrections.CorrectionRefusedError) as caught:
        corrections.save_correction(path, frame, label)
    return str(caught.value)


def test_a_file_that_is_no_corrections_file_is_left_as_it_is(tmp_path):
    path = tmp_path / "diary.csv"
    path.write_text("day,what\n1,rain\n")
    assert "diary.csv holds something else than corrections" in refusal_of(path)
    assert path.read_text() == "day,what\n1,rain\n"


def test_corrections_that_cannot_be_saved_are_refused_in_words(tmp_path, monkeypatch):
    assert "it must be one of 0, 1, 2" in refusal_of(tmp_path / "x.csv", label="ten")
    (tmp_path / "folder.csv").mkdir()
    assert "cannot be written" in refusal_of(tmp_path / "folder.csv")
    frame = np.zeros((28, 28), np.float32)
    corrections.save_correction(tmp_path / "full.csv", frame, "1")
    monkeypatch.setattr(corrections, "MAX_BYTES", 1000)
    assert "full.csv is full" in refusal_of(tmp_path / "full.csv")
    for path, seen, label, words in [
        (None, frame, "1", "not kept here"),
        (tmp_path / "x.csv", None, "1", "no answer to put right yet"),
        (tmp_path / "x.csv", frame, None, "Choose first what it is"),
    ]:
        with pytest.raises(corrections.CorrectionRefusedError, match=words):
            corrections.put_right(path, seen, label)
    assert not (tmp_path / "x.csv").exists()


def test_a_file_that_another_process_holds_too_long_is_busy(tmp_path, monkeypatch):
    monkeypatch.setattr(corrections, "PATIENCE", 0.01)
    with corrections.FileLock(tmp_path / "held.csv.lock"):
        assert "held.csv is busy; try again" in refusal_of(tmp_path / "held.csv")


def test_a_correction_can_be_any_digit_or_none():
    assert [*map(str, range(10)), "no digit"] == corrections.LABELS
