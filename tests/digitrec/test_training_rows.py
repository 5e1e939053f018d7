from pathlib import Path

import numpy as np

from digitrec.training_rows import CSV_HEADER, csv_row, frame_pixels, negatives_path


def test_the_header_is_kaggle_s(data_dir):
    with open(data_dir / "kaggle_train_head229.csv", newline="") as file:
        assert file.readline().rstrip("\r\n") + "\n" == CSV_HEADER


def test_frames_are_rounded_and_clipped():
    frame = np.array([[-0.1, 0.0, 0.001, 0.5, 0.999], [1.0, 1.2, 2 / 255, 0.1, 0.2]], np.float32)
    assert frame_pixels(frame).tolist() == [[0, 0, 0, 128, 255], [255, 255, 2, 26, 51]]
    assert frame_pixels(frame).dtype == np.uint8


def test_every_grey_level_survives_the_way_to_a_frame_and_back():
    levels = np.arange(256, dtype=np.uint8)
    for scaled in (levels.astype(np.float32) / 255, levels * np.float32(1 / 255)):
        assert (frame_pixels(scaled) == levels).all()


def test_a_row_is_the_label_and_the_pixels():
    assert csv_row(10, [0, 255, 7]) == "10,0,255,7\n"


def test_non_digits_go_into_a_file_of_their_own():
    assert negatives_path(Path("data/mine.csv")) == Path("data/mine-negatives.csv")
