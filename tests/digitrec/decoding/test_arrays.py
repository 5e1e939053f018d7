"""Arrays as people hold them, from Kaggle, Keras, OpenCV, PyTorch and pandas; and batches of them."""

import io
import pickle
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import digitrec
from digitrec import BlankImageError, DigitrecError, Explainer, InvalidImageError, Prediction, Recognizer
from digitrec.decoding import pixels_from
from digitrec.ink import ink_from
from tests.support.drawings import drawing, encoded, sketched

ROOT = Path(__file__).parents[3]
INK = np.asarray(Image.fromarray(drawing(5)).resize((28, 28), Image.Resampling.BOX))
"""A 5 as in MNIST: (28, 28), uint8, 255 on 0."""


class Tensor:
    """What tensors of PyTorch, TensorFlow and JAX have in common."""

    def __init__(self, array: Any, flaw: str = "") -> None:
        self.array, self.flaw = array, flaw

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.flaw:
            raise RuntimeError(self.flaw)
        return np.asarray(self.array, dtype)


def written_not_rewound() -> io.BytesIO:
    file = io.BytesIO()
    Image.fromarray(INK).save(file, "PNG")
    return file


HELD: dict[str, Callable[[], Any]] = {
    "(h, w, 1)": lambda: INK[..., np.newaxis],
    "(1, h, w)": lambda: INK[np.newaxis],
    "(1, h, w, 1)": lambda: INK[np.newaxis, ..., np.newaxis],
    "(1, h, w, 3)": lambda: np.dstack([INK] * 3)[np.newaxis],
    "(1, 1, h, w)": lambda: INK[np.newaxis, np.newaxis],
    "a row of 784": lambda: INK.ravel(),
    "a row of 784 in a table": lambda: INK.reshape(1, 784),
    "a column of 784": lambda: INK.reshape(784, 1),
    "int64": lambda: INK.astype(np.int64),
    "int32": lambda: INK.astype(np.int32),
    "int16": lambda: INK.astype(np.int16),
    "uint16": lambda: INK.astype(np.uint16),
    "uint64 in a row": lambda: INK.astype(np.uint64).ravel(),
    "12 bits in 16": lambda: INK.astype(np.uint16) << 4,
    "16 bits": lambda: INK.astype(np.uint16) * 257,
    "float 0-255": lambda: INK.astype(np.float32),
    "float64 0-255": lambda: INK.astype(float),
    "float 0-1": lambda: INK / 255,
    "float16": lambda: (INK / 255).astype(np.float16),
    "float with rounding above 1": lambda: INK / 255 * 1.0000002,
    "float with rounding below 0": lambda: INK / 255 - 1e-6,
    "lists": lambda: INK.tolist(),
    "a list of 784": lambda: INK.ravel().tolist(),
    "tuples of floats": lambda: tuple(map(tuple, INK / 255)),
    "a list of arrays": lambda: list(INK),
    "a tensor": lambda: Tensor(INK),
    "a tensor with a channel": lambda: Tensor((INK / 255)[np.newaxis].astype(np.float32)),
    "Pillow, mode I, 0-255": lambda: Image.fromarray(INK.astype(np.int32)),
    "Pillow, mode F, 0-255": lambda: Image.fromarray(INK.astype(np.float32)),
    "Pillow, mode F, 0-1": lambda: Image.fromarray((INK / 255).astype(np.float32)),
    "Pillow, mode I;16, 0-255": lambda: Image.fromarray(INK.astype(np.uint16)),
    "a PNG with 12 bits in 16": lambda: encoded(INK.astype(np.uint16) << 4),
    "a TIFF with 0-255 in 32 bits": lambda: encoded(Image.fromarray(INK.astype(np.int32)), "TIFF"),
    "a TIFF with 0-255 as floats": lambda: encoded(INK.astype(np.float32), "TIFF"),
    "RGBA, half opaque all over": lambda: np.dstack([255 - INK] * 3 + [np.full_like(INK, 100)]),
    "a file that was written and not rewound": written_not_rewound,
}


@pytest.mark.parametrize("name", HELD)
def test_what_leaves_no_doubt_is_the_same_ink(name: str) -> None:
    np.testing.assert_allclose(ink_from(HELD[name]()), ink_from(INK), atol=0.003)


@pytest.mark.parametrize(
    "mask", [INK > 127, (INK > 127).astype(np.uint8), (INK > 127).astype(int), (INK > 127).tolist(), Tensor(INK > 127)]
)
def test_a_threshold_leaves_0_and_1(mask: Any) -> None:
    np.testing.assert_array_equal(ink_from(mask), (INK > 127).astype(np.float32))


def test_an_array_that_needs_no_scaling_is_not_copied() -> None:
    for array in (INK, INK / 255, np.dstack([INK] * 4)):
        assert pixels_from(array) is array or np.shares_memory(pixels_from(array), array)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "a batch": (lambda: np.zeros((5, 28, 28)), r"looks like many pictures: pass them to predict_batch"),
    "a batch of colours": (lambda: np.zeros((5, 28, 28, 3)), r"looks like many pictures: pass them to predict_batch"),
    "channels first": (lambda: np.zeros((3, 28, 28)), r"channels first, pass numpy.moveaxis\(array, 0, -1\)"),
    "a row of another length": (lambda: np.zeros(100), r"only 784 numbers in a row are read, as 28x28; reshape it"),
    "no pixels": (lambda: np.zeros((0, 28)), r"an array of shape \(0, 28\) is no picture; pass \(height, width\)"),
    "negative integers": (lambda: INK.astype(int) - 128, "int64 from -128 to 127 is ambiguous; pass 0 to 255"),
    "32 bits": (lambda: INK.astype(np.uint32) * 2**24, "uint32 from 0 to 4278190080 is ambiguous"),
    "-1 to 1": (lambda: INK / 127.5 - 1, r"run from -1.0 to 1.0; .*if they run from -1 to 1, pass \(array \+ 1\) / 2"),
    "standardized": (lambda: (INK - 33.3) / 78.6, "undo the normalization first"),
    "floats to 2": (lambda: INK / 127.5, "run from 0.0 to 2.0; .*pass 0 to 1, or 0 to 255"),
    "NaN": (lambda: INK + np.nan, "run from nan to nan; they must be finite"),
    "complex": (lambda: INK + 0j, "an array of complex128 is ambiguous"),
    "ragged lists": (lambda: [[1, 2], [3]], "this list does not become an array: setting an array element"),
    "lists of words": (lambda: [["a", "b"]], "a list of <U1 is no picture; pass rows of numbers"),
    "an empty list": (list, r"an array of shape \(0,\) is no picture"),
    "a tensor with a gradient": (
        lambda: Tensor(INK, "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."),
        "this Tensor does not become an array: Can't call numpy.* Use tensor.detach",
    ),
    "a tensor of a type that NumPy lacks": (
        lambda: Tensor(INK, "Got unsupported ScalarType BFloat16"),
        "does not become an array: Got unsupported ScalarType BFloat16; pass a NumPy array, such as one of float32",
    ),
    "a dictionary": (dict, "a dict is no picture"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_leaves_doubt_is_refused_for_the_true_reason(name: str) -> None:
    make, message = REFUSED[name]
    with pytest.raises(InvalidImageError, match=message) as refusal:
        ink_from(make())
    assert str(refusal.value).isprintable()


def test_no_memory_for_an_array_is_no_invalid_picture() -> None:
    class Huge:
        def __array__(self, *_: Any, **__: Any) -> Any:
            raise MemoryError

    with pytest.raises(MemoryError):
        ink_from(Huge())


def test_colours_under_full_transparency_are_named_and_an_empty_canvas_is_not() -> None:
    forgotten = np.dstack([255 - INK] * 3 + [np.zeros_like(INK)])
    with pytest.raises(BlankImageError, match=r"all of it is transparent \(alpha 0\); drop the alpha channel"):
        ink_from(forgotten)
    for colour in (0, 255):
        empty = np.full((28, 28, 4), colour, np.uint8)
        empty[..., 3] = 0
        with pytest.raises(BlankImageError, match="stands out from its background"):
            ink_from(empty)


def test_a_real_tensor() -> None:
    tensorflow = pytest.importorskip("tensorflow")
    for kind in ("uint8", "float32"):
        np.testing.assert_allclose(ink_from(tensorflow.constant(INK, kind)[..., None]), ink_from(INK), atol=1e-6)


# Batches

BATCHES: dict[str, Callable[[], Any]] = {
    "(n, h, w)": lambda: np.stack([INK, INK]),
    "(n, h, w, 1)": lambda: np.stack([INK, INK])[..., np.newaxis],
    "(n, h, w, 3)": lambda: np.stack([np.dstack([INK] * 3)] * 2),
    "(n, 784)": lambda: np.stack([INK.ravel()] * 2).astype(np.int64),
    "a list of rows": lambda: [INK.ravel(), INK.ravel().tolist()],
    "a tensor": lambda: Tensor(np.stack([INK, INK])),
    "mixed": lambda: [INK, encoded(INK)],
    "an array of objects": lambda: objects(INK, encoded(INK)),
    "pictures in what becomes an array": lambda: Tensor(objects(INK, Image.fromarray(INK))),
    "an array of bytes": lambda: np.array([encoded(INK)] * 2),
}


def objects(*held: Any) -> np.ndarray[Any, Any]:
    """One dimension, whatever the objects are."""
    array = np.empty(len(held), object)
    array[:] = held
    return array


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_of_any_kind(name: str, recognizer: Recognizer) -> None:
    assert [answer.digit for answer in recognizer.predict_batch(BATCHES[name]())] == [5, 5]


def test_columns_and_arrays_of_paths_are_batches(tmp_path: Path, recognizer: Recognizer) -> None:
    pandas = pytest.importorskip("pandas")
    pyarrow = pytest.importorskip("pyarrow")
    paths = [str(tmp_path / "one.png"), str(tmp_path / "other.png")]
    for path in paths:
        Image.fromarray(INK).save(path)
    files = [Path(path).read_bytes() for path in paths]
    frame = pandas.DataFrame({"path": paths, "file": files, "picture": [INK, INK[2:]]})
    columns = [frame["path"], frame["path"].astype("string"), pandas.Index(paths), frame["file"], frame["picture"]]
    arrays = [np.array(paths), np.array([Path(path) for path in paths]), pyarrow.array(paths), pyarrow.array(files)]
    for batch in columns + arrays:
        assert [answer.digit for answer in recognizer.predict_batch(batch)] == [5, 5]
    gone = frame["path"].astype("string").where([True, False])
    assert isinstance(recognizer.predict_batch(gone, errors="return")[1], InvalidImageError)
    for table in (frame[["path"]], np.array([paths])):
        with pytest.raises(InvalidImageError, match=r"pass numbers, or a list or one column of paths"):
            recognizer.predict_batch(table)
    for one in (frame["path"], np.array(paths)):
        with pytest.raises(InvalidImageError, match=r"is no picture; .* or paths and pictures to predict_batch"):
            recognizer.predict(one)


def test_numbers_that_numpy_does_not_have_itself(recognizer: Recognizer) -> None:
    """Tensors of JAX and TensorFlow come as arrays of such dtypes."""
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    shares = (INK / 255).astype(bfloat16)
    for held in (shares, Tensor(shares)):
        np.testing.assert_allclose(ink_from(held), ink_from(INK), atol=0.01)
    for batch in (np.stack([shares] * 2), Tensor(np.stack([shares] * 2))):
        assert [answer.digit for answer in recognizer.predict_batch(batch)] == [5, 5]
    for dtype in ("V4", [("grey", "f4")]):
        with pytest.raises(InvalidImageError, match="pass rows of numbers, or a NumPy array"):
            ink_from(Tensor(np.zeros((28, 28), dtype)))


def test_a_data_frame_is_a_batch(recognizer: Recognizer) -> None:
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame(np.stack([INK.ravel()] * 3), columns=[f"pixel{number}" for number in range(784)])
    assert [answer.digit for answer in recognizer.predict_batch(rows)] == [5, 5, 5]
    assert recognizer.predict(rows.iloc[0]).digit == 5
    with pytest.raises(InvalidImageError, match=r"got an array of shape \(3, 785\)"):
        recognizer.predict_batch(rows.assign(label=5))


SINGLE: dict[str, tuple[Any, str]] = {
    "a path": ("four.png", r"got a path; pass a list of paths, such as sorted\(.*, or use predict for one"),
    "a Path": (Path("four.png"), "got a path"),
    "bytes": (b"PNG", "got one bytes; pass a list"),
    "a file": (io.BytesIO(), "got one BytesIO"),
    "a Pillow image": (Image.new("L", (2, 2)), "got one Image"),
    "a gray picture": (INK, r"got an array of shape \(28, 28\); pass \(n, height, width\)"),
    "a picture of Keras": (INK[..., np.newaxis], r"got an array of shape \(28, 28, 1\)"),
    "a colour picture": (np.dstack([INK] * 3), r"got an array of shape \(28, 28, 3\)"),
    "a mapping": ({"a": INK}, r"got a mapping; pass its values\(\)"),
    "a number": (3, "got a int"),
}


@pytest.mark.parametrize("name", SINGLE)
def test_one_picture_is_no_batch(name: str, recognizer: Recognizer) -> None:
    images, message = SINGLE[name]
    with pytest.raises(InvalidImageError, match=message):
        recognizer.predict_batch(images)


def test_a_bad_picture_among_good_ones_has_its_error_in_its_place(recognizer: Recognizer) -> None:
    images = [INK, b"no picture", np.zeros((28, 28)), encoded(INK), "nowhere.png"]
    answers = recognizer.predict_batch(images, errors="return")
    kinds = [Prediction, InvalidImageError, BlankImageError, Prediction, InvalidImageError]
    assert [type(answer) for answer in answers] == kinds
    assert str(answers[1]).startswith("these 10 bytes")
    assert [type(answer) for answer in digitrec.predict_batch(images, errors="return")] == kinds
    with pytest.raises(InvalidImageError, match=r"^image 1: these 10 bytes"):
        digitrec.predict_batch(images)


def test_errors_are_raised_or_returned(recognizer: Recognizer) -> None:
    with pytest.raises(ValueError, match=r"errors is 'ignore'; pass \"raise\" or \"return\"") as refusal:
        recognizer.predict_batch([], errors="ignore")  # type: ignore[call-overload]
    assert not isinstance(refusal.value, DigitrecError)


# The recognizer in other processes


def test_a_recognizer_pickles_by_path(recognizer: Recognizer) -> None:
    for one in (recognizer, Recognizer(recognizer.path, threads=2)):
        pickled = pickle.dumps(one)
        assert len(pickled) < 1000
        again = pickle.loads(pickled)
        assert (again.path, again.sha256) == (one.path, one.sha256)
        assert again.predict(INK).digit == 5


def test_an_explainer_pickles_as_its_recognizer_does(recognizer: Recognizer) -> None:
    pickled = pickle.dumps(Explainer(recognizer))
    assert len(pickled) < 1000
    again = pickle.loads(pickled)
    assert again.recognizer.path == recognizer.path
    assert again.explain(INK).digit == 5


def test_the_version_is_that_of_the_package() -> None:
    """It is written once, where a checkout without an installation finds it too; hatch reads it there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert (ROOT / project["tool"]["hatch"]["version"]["path"]).samefile(digitrec.__file__)
    assert re.fullmatch(r"\d+\.\d+\.\d+", digitrec.__version__)


@pytest.mark.parametrize("mode", [*Image.MODES, "La", "RGBa", "PA", "LAB", "HSV", "I;16B", "I;16N"])
def test_pillow_images_of_any_mode_are_read(mode: str) -> None:
    pixels_from(Image.new(mode, (30, 20)))


@pytest.mark.parametrize("mode", ["La", "RGBa"])
def test_what_is_multiplied_by_its_opacity_is_ink_as_what_is_not(mode: str) -> None:
    plain = Image.fromarray(sketched(drawing(5))).convert("LA" if mode == "La" else "RGBA")
    np.testing.assert_allclose(ink_from(plain.convert(mode)), ink_from(plain), atol=0.01)


def test_a_canvas_is_read_as_it_is() -> None:
    """Nothing of this scales what a browser sends: its pixels come through bit by bit."""
    canvas = sketched(drawing(5))
    np.testing.assert_array_equal(pixels_from(encoded(canvas)), canvas)
    assert pixels_from(canvas) is canvas
