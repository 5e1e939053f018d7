from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import training.import_pictures
from digitrec.errors import BlankImageError, DatasetError, InvalidImageError
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.learning.data.picture_folder import LabelledPicture, find_pictures, frame_pictures
from digitrec.training_rows import NOT_A_DIGIT, frame_pixels
from tests.support.drawings import drawing


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_labels_are_the_names_of_the_folders(tmp_path):
    touch(
        tmp_path, "0/b.png", "7/9.png", "9/deep.jpg", "None/heart.png", ".git/7.png", "7/.DS_Store", "__MACOSX/7/a.png"
    )
    found = {str(picture.path.relative_to(tmp_path)): picture.label for picture in find_pictures(tmp_path)}
    assert found == {"0/b.png": 0, "7/9.png": 7, "9/deep.jpg": 9, "None/heart.png": NOT_A_DIGIT}


def test_labels_are_the_digits_that_names_begin_with(tmp_path):
    touch(tmp_path, "3.png", "4_ann.png", "ann/5-1.png", "6 (2).jpg")
    assert [picture.label for picture in find_pictures(tmp_path)] == [3, 4, 6, 5]


def test_files_without_a_label_are_refused_by_name(tmp_path):
    touch(tmp_path, "3.png", "2024.png", "scan.png", "10.png", "b/x.png")
    with pytest.raises(DatasetError, match=r"no label for 10\.png, 2024\.png, b/x\.png and 1 more; put each picture"):
        find_pictures(tmp_path)


def test_a_folder_that_is_missing_or_empty_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no such folder"):
        find_pictures(tmp_path / "none")
    with pytest.raises(DatasetError, match="no pictures in it"):
        find_pictures(tmp_path)


def test_pictures_are_framed_as_the_model_sees_them(tmp_path, recognizer):
    pictures = []
    for digit, mode in ((4, "L"), (6, "RGB")):
        Image.fromarray(255 - drawing(digit)).convert(mode).save(tmp_path / f"{digit}.png")
        pictures.append(LabelledPicture(tmp_path / f"{digit}.png", digit))
    Image.new("L", (40, 40), 255).save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(b"no picture")
    pictures += [LabelledPicture(tmp_path / f"{digit}.png", digit) for digit in (1, 2)]
    examples, failures = frame_pictures(pictures, recognizer)
    assert examples.labels.tolist() == [4, 6]
    for image, picture in zip(examples.images, pictures, strict=False):
        np.testing.assert_array_equal(image, frame_pixels(recognizer.predict(picture.path).model_input))
    assert [(picture.label, type(error)) for picture, error in failures] == [
        (1, BlankImageError),
        (2, InvalidImageError),
    ]


def test_the_command_writes_digits_and_non_digits_and_names_what_it_leaves_out(tmp_path, capsys):
    folder = tmp_path / "pictures"
    for name, digit in (("4/a.png", 4), ("6/b.png", 6), ("none/c.png", 7)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - drawing(digit)).save(folder / name)
    assert training.import_pictures.main([str(folder), str(tmp_path / "mine.csv")]) == 0
    output = capsys.readouterr().out
    assert f"wrote 2 pictures to {tmp_path / 'mine.csv'}; train on it with: digitrec train --csv" in output
    assert "wrote 1 picture to" in output
    assert load_csv(tmp_path / "mine.csv").labels.tolist() == [4, 6]
    assert load_csv(tmp_path / "mine-negatives.csv", negatives=True).labels.tolist() == [NOT_A_DIGIT]

    (folder / "4" / "broken.png").write_bytes(b"no picture")
    assert training.import_pictures.main([str(folder), str(tmp_path / "mine.csv")]) == 1
    errors = capsys.readouterr().err
    assert f"left out {folder / '4' / 'broken.png'}: " in errors
    assert "1 of 4 pictures could not be used" in errors
    assert len(load_csv(tmp_path / "mine.csv")) == 2  # the others are kept
