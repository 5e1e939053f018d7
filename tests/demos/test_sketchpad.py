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
from gradio import Error
from PIL import Image

import digitrec
from demos import corrections
from demos.sketchpad import batch, panel
from demos.sketchpad.inputs import Upload, read_upload
from demos.sketchpad.limits import names_address
from demos.sketchpad.pad import MAX_LETTERS, PREFIX, Drawing, read_drawing
from digitrec import InvalidImageError, Prediction
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


def drawn(digit, number=1):
    return Drawing(number, encoded(sketched(drawing(digit))))


BLANK = Drawing(3, encoded(np.zeros((400, 400, 4), np.uint8)))


def state(shown):
    return re.search(r'data-state="(\w+)"', shown.markup)[1]


def text(markup):
    """What a reader sees of it."""
    words = []
    parser = HTMLParser()
    parser.handle_data = words.append
    parser.feed(markup)
    return " ".join(" ".join(words).split())


def bars(shown):
    """The digits and what is written beside their bars, in their order."""
    return re.findall(r'<li><span class="label">(\d)</span>.*?<span class="figure">(.*?)</span></li>', shown.markup)


@pytest.mark.parametrize("digit", range(10))
def test_a_drawing_with_ink_in_alpha_alone_is_answered_as_predict_answers_it(recognizer, digit):
    shown = panel.answer_drawing(recognizer, drawn(digit))
    expected = digitrec.predict(sketched(drawing(digit)))
    assert state(shown) == "answer"
    assert text(shown.markup).startswith(f"{digit} ")
    assert int(bars(shown)[0][0]) == digit
    assert sorted(int(label) for label, _ in bars(shown)) == list(range(10))
    np.testing.assert_array_equal(shown.frame, expected.model_input)


@pytest.mark.parametrize("blank", [Drawing(3), BLANK])
def test_a_blank_drawing_leaves_the_panel_empty_and_gets_a_notice_when_submitted(recognizer, blank):
    shown = panel.answer_drawing(recognizer, blank)
    assert text(shown.markup) == "? Your digit will appear here"
    assert shown.frame is None
    submitted = panel.answer_submitted_drawing(recognizer, blank)
    assert text(submitted.markup) == "? There is no ink yet. Draw a digit first."
    assert state(submitted) == "notice"
    assert 'data-drawing="3"' in submitted.markup


def test_a_submitted_drawing_gets_the_same_answer(recognizer):
    assert panel.answer_submitted_drawing(recognizer, drawn(6)).markup == (
        panel.answer_drawing(recognizer, drawn(6)).markup
    )


def test_an_answer_carries_the_number_of_its_drawing(recognizer):
    assert 'data-drawing="17"' in panel.answer_drawing(recognizer, drawn(6, number=17)).markup


def test_doubt_has_the_web_app_s_words_and_no_percentages():
    shown = panel.answer_drawing(Fake(digit=4, doubt=0.9), drawn(4))
    assert text(shown.markup).startswith("? I can't see a digit, my best guess is 4")
    assert state(shown) == "doubt"
    assert "%" not in text(shown.markup)
    assert "I can't see a digit," in (ROOT / "flask_app/static/language-en.js").read_text("utf-8")


@pytest.mark.parametrize(
    ("confidence", "words", "bar"),
    [
        (0.55, "55% sure, or else 9", "55.0%"),
        (0.9, "90% sure", "90.0%"),
        (0.9971, "99.7% sure", "99.7%"),
        (0.99996, "99.9% sure", "99.9%"),
        (1, "99.9% sure", "99.9%"),
    ],
)
def test_confidence_in_words_and_beside_its_bar(confidence, words, bar):
    shown = panel.answer_drawing(Fake(confidence=confidence), drawn(4))
    assert text(shown.markup).startswith(f"4 {words} What the model saw")
    assert bars(shown)[0] == ("4", bar)


def test_no_label_anywhere_says_100_percent():
    for confidence in (1, 0.9999999, 0.9996, 0.996, 0.995):
        shown = panel.answer_drawing(Fake(confidence=confidence), drawn(4))
        rows = [batch.Row("x.png", Fake(confidence=confidence).predict(None))]
        assert "100%" not in text(shown.markup)
        assert "100%" not in batch.table(rows)


def test_the_page_shows_the_pixels_that_the_model_saw(recognizer):
    shown = panel.answer_drawing(recognizer, drawn(3))
    png = base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', shown.markup)[1])
    pixels = np.array(Image.open(io.BytesIO(png)))
    assert pixels.shape == (28, 28)
    np.testing.assert_array_equal(pixels, np.rint(255 * shown.frame))


def data_url(content: bytes) -> str:
    return PREFIX + base64.b64encode(content).decode("ascii")


def test_a_drawing_is_read_as_the_page_sends_it_and_not_decoded():
    assert read_drawing(None) == Drawing(0, None)
    assert read_drawing({"number": 4, "picture": None}) == Drawing(4, None)
    assert read_drawing({"number": 5, "picture": data_url(b"any bytes")}) == Drawing(5, b"any bytes")


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("drawing", "a number and a picture"),
        ({"picture": data_url(b"x")}, "a number and a picture"),
        ({"number": 1, "picture": "https://example.org/x.png"}, "a number and a picture"),
        ({"number": 1, "picture": PREFIX + "*"}, "not Base64"),
        ({"number": 1, "picture": data_url(bytes(MAX_LETTERS))}, "300,000 letters"),
    ],
)
def test_what_the_page_would_not_send_is_refused_with_the_reason(payload, words):
    with pytest.raises(Error, match=words):
        read_drawing(payload)


def upload_of(folder, content, name="picture.png"):
    (folder / name).write_bytes(content)
    return Upload(folder / name, name)


def test_an_uploaded_picture_is_handed_over_undecoded(recognizer, tmp_path):
    five = upload_of(tmp_path, encoded(255 - drawing(5), "JPEG"), "five.jpg")
    fake = Fake()
    panel.answer_picture(fake, five)
    assert fake.asked == [five.path.read_bytes()]
    assert text(panel.answer_picture(recognizer, five).markup).startswith("5 ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no picture", "These 10 bytes are not a readable picture; pass"),
        (encoded(np.full((30, 40), 255, np.uint8)), "No ink: nothing in this 40x30 picture"),
        (b"", "The file is empty;"),
    ],
)
def test_a_picture_without_an_answer_gets_a_sentence(recognizer, tmp_path, content, words):
    shown = panel.answer_picture(recognizer, upload_of(tmp_path, content))
    assert words in text(shown.markup)
    assert text(shown.markup).endswith(".")
    assert state(shown) == "notice"
    assert shown.frame is None


def test_without_a_picture_the_panel_is_empty_and_a_submitted_one_gets_a_notice(recognizer, tmp_path):
    assert panel.answer_picture(recognizer, None) == panel.empty_panel()
    assert "There is no picture yet." in text(panel.answer_submitted_picture(recognizer, None).markup)
    five = upload_of(tmp_path, encoded(drawing(5)))
    assert text(panel.answer_submitted_picture(recognizer, five).markup).startswith("5 ")


def test_an_upload_that_has_been_deleted_is_named_without_its_path(recognizer, tmp_path):
    gone = Upload(tmp_path / "gone.png", "gone.png")
    with pytest.raises(InvalidImageError, match="no longer here; upload it again") as caught:
        read_upload(gone)
    assert str(tmp_path) not in str(caught.value)
    assert str(tmp_path) not in panel.answer_picture(recognizer, gone).markup
    assert str(tmp_path) not in batch.recognize(recognizer, [gone])[0].problem


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"path": "https://example.org/x.png"}, True),
        ([{"path": "/upload/x.png"}, {"deep": {"path": "ftp://example.org/x"}}], True),
        ({"path": "/upload/x.png", "url": "http://127.0.0.1/gradio_api/file=/upload/x.png"}, False),
        ({"number": 1, "picture": "data:image/png;base64,AA=="}, False),
    ],
)
def test_a_file_named_by_its_address_is_found_wherever_it_stands(value, expected):
    assert names_address([value]) is expected


def some_files(folder):
    (folder / "four <b>.png").write_bytes(encoded(255 - drawing(4)))
    (folder / "notes.txt").write_text("no picture")
    (folder / "blank.png").write_bytes(encoded(np.zeros((20, 20), np.uint8)))
    (folder / "both.png").write_bytes(encoded(np.maximum(drawing(4), drawing(7))))
    names = ["four <b>.png", "notes.txt", "blank.png", "both.png", "gone.png"]
    return [Upload(folder / name, name) for name in names]


def test_in_a_batch_a_bad_file_fails_alone_with_its_own_sentence(recognizer, tmp_path):
    rows = batch.recognize(recognizer, some_files(tmp_path))
    assert [row.name for row in rows] == ["four <b>.png", "notes.txt", "blank.png", "both.png", "gone.png"]
    assert rows[0].prediction.digit == 4
    assert [row.prediction is None for row in rows] == [False, True, True, False, True]
    assert rows[1].problem.startswith("These 10 bytes are not a readable picture")
    assert rows[2].problem.startswith("No ink: ")
    assert rows[4].problem.startswith("The uploaded file is no longer here")
    assert batch.summary(rows) == "5 pictures: 1 digit, 1 in which I can't see a digit, 3 that could not be read."
    assert batch.summary(rows[:1]) == "1 picture: 1 digit."


def test_the_table_of_a_batch(recognizer, tmp_path):
    rows = batch.recognize(recognizer, some_files(tmp_path))
    cells = [[text(cell) for cell in line.split("<td>")[1:]] for line in batch.table(rows).split("<tr>")[2:]]
    assert cells[0][:2] == ["four <b>.png", "4"]  # the name as it is, not as a tag
    assert cells[0][2].endswith("%")
    assert cells[1] == ["notes.txt", "", "", rows[1].problem]
    assert cells[3][:3] == ["both.png", "?", ""]
    assert cells[3][3].startswith("I can't see a digit, my best guess is ")


def test_the_csv_of_a_batch(recognizer, tmp_path):
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
        batch.recognize(fake, [Upload(tmp_path / "x", "x")] * 1001)
    assert fake.asked == []


def test_a_batch_that_takes_too_long_answers_what_it_could(monkeypatch, tmp_path):
    clock = iter(range(0, 1000, 25))
    monkeypatch.setattr(batch.time, "monotonic", lambda: next(clock))
    uploads = [upload_of(tmp_path, encoded(drawing(4)), f"{n}.png") for n in range(4)]
    rows = batch.recognize(Fake(), uploads)
    assert [row.problem for row in rows] == ["", "", batch.TOO_LATE, batch.TOO_LATE]


def test_corrections_are_read_back_by_the_trainer_s_own_reader(recognizer, tmp_path):
    path = tmp_path / "new" / "corrections.csv"
    frames = [recognizer.predict(sketched(drawing(digit))).model_input for digit in (3, 8)]
    saved = [corrections.save_correction(path, frame, label) for frame, label in zip(frames, ("5", "8"), strict=True)]
    examples = load_csv(path)
    assert examples.labels.tolist() == [5, 8]
    np.testing.assert_array_equal(examples.images, [np.rint(255 * frame) for frame in frames])
    assert saved[0].message == "Saved as a 5 in `corrections.csv`, for training with `--csv`."
    assert saved[1].message.startswith("Saved as an 8 in")


def test_non_digits_go_to_a_file_of_their_own(recognizer, tmp_path):
    frame = recognizer.predict(sketched(drawing(3))).model_input
    saved = corrections.save_correction(tmp_path / "mine.csv", frame, "no digit")
    examples = load_csv(tmp_path / "mine-negatives.csv", negatives=True)
    assert examples.labels.tolist() == [NOT_A_DIGIT]
    assert "`mine-negatives.csv`, for training with `--negatives`" in saved.message
    assert not (tmp_path / "mine.csv").exists()


def test_undo_removes_one_correction_and_leaves_those_after_it(tmp_path):
    path = tmp_path / "corrections.csv"
    saved = [corrections.save_correction(path, np.full((28, 28), n / 9, np.float32), str(n)) for n in range(3)]
    corrections.undo_correction(saved[1])
    assert load_csv(path).labels.tolist() == [0, 2]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["corrections.csv", "corrections.csv.lock"]
    before = path.read_bytes()
    with pytest.raises(corrections.CorrectionRefusedError, match=r"no longer in corrections\.csv"):
        corrections.undo_correction(saved[1])
    assert path.read_bytes() == before
    path.unlink()
    with pytest.raises(corrections.CorrectionRefusedError, match=r"no longer in corrections\.csv"):
        corrections.undo_correction(saved[0])


def test_undo_of_a_correction_that_was_saved_twice_removes_it_once(tmp_path):
    path, frame = tmp_path / "corrections.csv", np.zeros((28, 28), np.float32)
    for _ in range(2):
        saved = corrections.save_correction(path, frame, "1")
    corrections.undo_correction(saved)
    assert load_csv(path).labels.tolist() == [1]


WRITER = """
import sys
from pathlib import Path
import numpy as np
from demos.corrections import save_correction
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
    assert "diary.csv does not hold corrections" in refusal_of(path)
    assert path.read_text() == "day,what\n1,rain\n"


def test_corrections_that_cannot_be_saved_are_refused_in_words(tmp_path, monkeypatch):
    assert "it must be one of 0, 1, 2" in refusal_of(tmp_path / "x.csv", label="ten")
    (tmp_path / "folder.csv").mkdir()
    assert "folder.csv cannot be written" in refusal_of(tmp_path / "folder.csv")
    assert str(tmp_path) not in refusal_of(tmp_path / "folder.csv")
    frame = np.zeros((28, 28), np.float32)
    corrections.save_correction(tmp_path / "full.csv", frame, "1")
    monkeypatch.setattr(corrections, "MAX_BYTES", 1000)
    assert "full.csv is full" in refusal_of(tmp_path / "full.csv")
    for path, seen, label, words in [
        (None, frame, "1", "not kept here"),
        (tmp_path / "x.csv", None, "1", "no answer to correct yet"),
        (tmp_path / "x.csv", frame, None, "Choose first what it is"),
    ]:
        with pytest.raises(corrections.CorrectionRefusedError, match=words):
            corrections.save_correction(path, seen, label)
    assert not (tmp_path / "x.csv").exists()


def test_a_file_that_another_process_holds_too_long_is_busy(tmp_path, monkeypatch):
    monkeypatch.setattr(corrections, "LOCK_TIMEOUT", 0.01)
    with corrections.FileLock(tmp_path / "held.csv.lock"):
        assert "held.csv is busy; try again" in refusal_of(tmp_path / "held.csv")
