"""The page Data."""

import re
from pathlib import Path

import numpy as np
import pytest

from demos.dashboard import jobs
from demos.dashboard.data import csv_inspection
from demos.dashboard.data.augmentation import RANGES, to_flags
from demos.dashboard.pages import data
from demos.dashboard.paths import scratch_dir
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.data.label_errors import LabelError, LabelErrors, rows_digest
from digitrec.training_rows import NOT_A_DIGIT
from tests.support.dashboard import house, opened, run_again, said
from tests.support.small_data import bars, rows_of, write_csv

__all__ = ["house"]


def with_csv(path, negatives=False):
    """The page, with the path of a CSV file typed in."""
    app = opened(data.page)
    app.segmented_control[0].set_value(data.CSV)
    run_again(app)
    if negatives:
        app.toggle[0].set_value(True)
    app.text_input[0].set_value(str(path))
    return run_again(app)


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


def test_samples_of_every_class_are_shown(house):
    app = opened(data.page)
    assert app.pills[0].options == ["all", *map(str, range(10))]
    assert len(app.image) == 10 + 10  # a row for each digit, and its mean
    app.pills[0].set_value("7")
    run_again(app)
    assert len(app.image) == 1 + 10


def test_other_samples_are_a_click_away(house):
    app = opened(data.page)
    first = app.image[0].imgs[0].url
    assert run_again(app).image[0].imgs[0].url == first
    app.button[0].click()
    assert run_again(app).image[0].imgs[0].url != first


def test_test_images_come_with_a_word_of_warning(house):
    app = opened(data.page)
    app.segmented_control[0].set_value(data.TEST)
    assert "no run trains on them" in said(run_again(app))


def test_a_csv_is_inspected_before_it_is_used(house):
    fresh = bars(30, seed=9)
    rows = [*rows_of(fresh), *rows_of(house.train)[:3], *rows_of(house.test)[:1], *rows_of(fresh)[:1]]
    rows[34][0] = 5
    app = with_csv(write_csv(house.root / "mine.csv", rows))
    assert figures(app) == {"Images": "35", "Would be used": "30", "Test images": "1", "Repeated": "4"}
    words = said(app)
    assert "1 row equals an MNIST test image" in words
    assert "4 rows equal an image further up, or an MNIST training image" in words
    assert "1 of them have another label" in words
    assert "image 34, label 0 = MNIST test image 0, label 0" in words
    assert "image 31, label 0 = MNIST training image 0, label 0" in words
    assert "image 35, label 5 = image 1, label 0" in words


def test_a_clean_csv_is_called_clean(house):
    app = with_csv(write_csv(house.root / "clean.csv", rows_of(bars(20, seed=9))))
    assert "all of them would be trained on" in said(app)
    assert figures(app)["Would be used"] == "20"


def test_what_would_be_used_is_summed_up(house):
    app = with_csv(write_csv(house.root / "old.csv", rows_of(house.train)[:12]))
    assert "12 images, 0 new" in said(app)


def test_images_that_would_teach_nothing_are_named_and_shown(house):
    fresh = bars(20, seed=9)
    images = fresh.images.copy()
    images[3] = 255 - images[3]
    images[5] = 7
    app = with_csv(write_csv(house.root / "odd.csv", rows_of(Examples(images, fresh.labels))))
    words = said(app)
    assert "1 of 20 images (number 6) is blank" in words
    assert "1 of 20 images (number 4) is inverted" in words
    assert "image 4, label 3" in words
    assert "all of them would be trained on" not in words


def test_a_bad_csv_is_named_by_row_and_column(house):
    rows = rows_of(bars(5))
    rows[2][100] = 300
    app = with_csv(write_csv(house.root / "bad.csv", rows))
    assert "row 4, column pixel99: 300 is out of range" in app.error[0].value
    assert not app.metric
    assert "no such file" in with_csv(house.root / "nothing.csv").error[0].value


@pytest.mark.parametrize("path", ["~nobody-of-this-name/mine.csv", "x" * 5000 + ".csv", "a\0b.csv", "/"])
def test_a_path_that_cannot_be_is_a_sentence(house, path):
    assert re.search("no such file|cannot be read", with_csv(path).error[0].value)


def test_a_home_is_found(house, monkeypatch):
    monkeypatch.setenv("HOME", str(house.root))
    monkeypatch.setenv("USERPROFILE", str(house.root))
    write_csv(house.root / "clean.csv", rows_of(bars(20, seed=9)))
    assert "all of them would be trained on" in said(with_csv("~/clean.csv"))


def test_a_csv_that_changed_is_read_again(house):
    path = write_csv(house.root / "mine.csv", rows_of(bars(20, seed=9)))
    app = with_csv(path)
    write_csv(path, rows_of(bars(25, seed=9)))
    assert figures(run_again(app))["Images"] == "25"


def test_an_upload_is_inspected_like_a_file_and_keeps_its_name(house):
    app = opened(data.page)
    app.segmented_control[0].set_value(data.CSV)
    run_again(app)
    good = write_csv(house.root / "good.csv", rows_of(bars(20, seed=9))).read_bytes()
    app.file_uploader[0].upload("../good.csv", good, "text/csv")
    assert figures(run_again(app))["Images"] == "20"
    app.file_uploader[0].upload("bad.csv", b"label,pixel0\n1,2\n", "text/csv")
    message = run_again(app).error[0].value
    assert message.startswith("bad.csv, row 1: the header has 2 columns")
    assert str(scratch_dir()) not in message


def test_non_digits_are_a_class_of_their_own(house):
    none = Examples(bars(20, seed=9).images, np.full(20, NOT_A_DIGIT, np.uint8))
    path = write_csv(house.root / "none.csv", rows_of(none))
    assert "such files go to --negatives" in with_csv(path).error[0].value
    app = with_csv(path, negatives=True)
    assert app.pills[0].options == ["all", "non-digit"]


@pytest.mark.parametrize(("count", "words"), [(1, "1 row equals"), (2, "2 rows equal"), (1200, "1,200 rows equal")])
def test_rows_are_counted_in_words(count, words):
    assert csv_inspection.count_equal(count) == words


def test_the_sliders_are_the_trainer_s_settings():
    defaults = TrainConfig().to_dict()
    for name, reach in RANGES.items():
        assert 0 <= defaults[name] <= reach.highest
        TrainConfig(**{name: reach.highest})
    assert to_flags({name: defaults[name] for name in RANGES}) == []
    assert to_flags({"rotation": 25.0, "zoom": defaults["zoom"], "augment": "none"}) == [
        "--rotation", "25", "--augment", "none",
    ]  # fmt: skip


def test_a_preview_is_made_by_the_trainer_s_own_command(house, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda name, *commands: started.extend(commands))
    app = opened(data.page)
    app.slider(key="augmentation-rotation").set_value(30.0)
    run_again(app)
    assert app.code[0].value == "python -m training.train --rotation 30"
    next(button for button in app.button if button.label == "Show a batch").click()
    run_again(app)
    ((module, flag, picture, *settings),) = started
    assert (module, flag, settings) == ("training.train", "--preview-augmentation", ["--rotation", "30"])
    before = len(app.image)
    scratch_dir().joinpath(picture.rsplit("/", 1)[-1]).write_bytes(PNG)
    assert len(run_again(app).image) == before + 1


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


def test_other_augmentations_leave_the_sliders_out(house):
    app = opened(data.page)
    app.selectbox(key="augmentation-augment").select("none")
    run_again(app)
    assert app.code[0].value == "python -m training.train --augment none"
    assert all(app.slider(key=f"augmentation-{name}").disabled for name in RANGES)


def test_likely_label_errors_are_decided_on_one_by_one_and_written_to_a_copy(house, tmp_path, monkeypatch):
    def found_at_once(name, command):
        examples = load_csv(command[1])
        errors = (LabelError(3, 3, 8, 0.99), LabelError(5, 5, 6, 0.95), LabelError(7, 7, 1, 0.92))
        LabelErrors(rows_digest(examples), errors, {}).save(Path(command[2]))

    monkeypatch.setattr(jobs, "start", found_at_once)
    path = write_csv(tmp_path / "mine.csv", rows_of(bars(20, seed=9)))
    app = with_csv(path)
    next(button for button in app.button if button.label == "Look for label errors").click()
    run_again(app)
    assert [radio.value for radio in app.radio] == ["keep"] * 3
    write = next(button for button in app.button if button.label == "Write a corrected copy")
    assert write.disabled
    app.radio[0].set_value("make it 8")
    app.radio[2].set_value("drop")
    run_again(app)
    assert "1 to drop, 1 to relabel, 18 unchanged" in said(app)
    next(button for button in app.button if button.label == "Write a corrected copy").click()
    run_again(app)
    corrected = load_csv(tmp_path / "mine-corrected.csv")
    assert (len(corrected), int(corrected.labels[3])) == (19, 8)
    assert len(load_csv(path)) == 20
