"""Rows of training data from where a user has them: a CSV file, or a folder of pictures."""

import warnings
from pathlib import Path

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.training_rows import NOT_A_DIGIT


def load_rows(path: str | Path, negatives: bool = False) -> Examples:
    """Read labelled images from a CSV file, as `load_csv` does, or from a folder of pictures.

    Args:
        path: The file; or a folder, whose pictures lie in folders named `0` to `9`, and non-digits in one named `none`.
        negatives: Whether to read non-digits; of a folder, digits or non-digits are taken, and the others left out.

    Raises:
        DatasetError: The file cannot be read, or the folder has no such picture. Pictures that cannot be read are left
            out, and a warning names them.
    """
    if not Path(path).is_dir():
        return load_csv(path, negatives=negatives)
    from digitrec.learning.data.picture_folder import find_pictures, frame_pictures
    from digitrec.recognizer import shared_recognizer  # ONNX Runtime frames them

    wanted = [one for one in find_pictures(Path(path)) if (one.label == NOT_A_DIGIT) is negatives]
    examples, failures = frame_pictures(wanted, shared_recognizer())
    for picture, error in failures:
        warnings.warn(f"left out {picture.path}: {error}", stacklevel=2)
    if not len(examples):
        kind = "non-digits, in a folder named none" if negatives else "digits, in folders named 0 to 9"
        raise DatasetError(f"{path}: no pictures of {kind}, that can be read")
    return examples
