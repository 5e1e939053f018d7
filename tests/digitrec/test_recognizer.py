"""What `predict` promises: the same drawing gets the same answer however it comes; batches, threads, broken models."""

import dataclasses
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import digitrec
from digitrec import BlankImageError, ImageTooLargeError, InvalidImageError, ModelIntegrityError, Prediction, Recognizer
from digitrec import batch as batch_module
from digitrec import recognizer as module
from digitrec.artifacts import model_path
from digitrec.ink import ink_from
from digitrec.learning.data.mnist import load_mnist
from digitrec.learning.data.split import validation_rows
from tests.support.drawings import BLUE, WHITE, YELLOW, drawing, encoded, painted, sketched


def on_a_card(digit: int) -> np.ndarray[Any, Any]:
    """Black on an opaque white card, 60 transparent pixels around it."""
    card = np.dstack([painted(drawing(digit)), np.full((280, 280), 255, np.uint8)])
    return np.pad(card, ((60, 60), (60, 60), (0, 0)))


def noisy(page: np.ndarray[Any, Any], sigma: float = 0.03) -> np.ndarray[Any, Any]:
    return np.clip(page + np.random.default_rng(7).normal(0, sigma, page.shape), 0, 1).astype(np.float32)


def page(digit: int, **options: Any) -> np.ndarray[Any, Any]:
    """Black on white, 0 to 1."""
    return 1 - drawing(digit, **options) / 255


LIGHT = np.linspace(0.8, 1, 280)

SAME: dict[str, Callable[[int], Any]] = {
    "white on black": drawing,
    "blue on yellow": lambda digit: painted(drawing(digit), BLUE, YELLOW),
    "yellow on blue": lambda digit: painted(drawing(digit), YELLOW, BLUE),
    "black in alpha alone": lambda digit: sketched(drawing(digit)),
    "white in alpha alone": lambda digit: sketched(drawing(digit), WHITE),
    "on a white card": on_a_card,
    "shifted": lambda digit: page(digit, at=(2, 75)),
    "half the size": lambda digit: page(digit, size=95, thickness=9),
    "twice the size": lambda digit: page(digit, size=380, thickness=36, canvas=(560, 560)),
    "twelve times the size": lambda digit: 255 - drawing(digit, size=2280, thickness=216, canvas=(3360, 3360)),
    "on a wide canvas": lambda digit: page(digit, canvas=(900, 250)),
    "in the upper left corner": lambda digit: page(digit, size=90, at=(0, 0), thickness=9),
    "in the lower right corner": lambda digit: page(digit, size=90, at=(190, 190), thickness=9),
    "a faint pencil": lambda digit: 255 - drawing(digit) // 4,
    "a PNG": lambda digit: encoded(255 - drawing(digit)),
    "a poor JPEG": lambda digit: encoded(255 - drawing(digit), "JPEG", quality=15),
    "a GIF": lambda digit: encoded(painted(drawing(digit), BLUE, YELLOW), "GIF"),
    "on noisy paper": lambda digit: noisy(0.9 - 0.8 * drawing(digit) / 255),
    "on noisy white paper": lambda digit: noisy(page(digit)),
    "white on noisy black": lambda digit: noisy(drawing(digit) / 255),
    "light from the right": lambda digit: page(digit) * LIGHT,
    "light from below": lambda digit: page(digit) * LIGHT[:, np.newaxis],
}
"""Other pictures of the very same drawing."""

HARDER: dict[str, Callable[[int], Any]] = {
    "tiny on a large canvas": lambda digit: page(digit, size=28, thickness=3, canvas=(600, 600)),
    "up to the border": lambda digit: page(digit, size=280, thickness=24),
    "beyond the border": lambda digit: page(digit, size=280, thickness=50),
    "a hairline": lambda digit: page(digit, thickness=1),
    "a brush of a quarter of its height": lambda digit: page(digit, thickness=47),
    "tiny on noisy paper": lambda digit: noisy(
        0.9 - 0.8 * drawing(digit, size=40, thickness=4, canvas=(600, 600)) / 255
    ),
    "strong uneven light": lambda digit: page(digit) * np.linspace(0.6, 1, 280),
    "noise and uneven light": lambda digit: noisy(page(digit) * LIGHT, 0.02),
}
"""Drawings that differ from the plain one in more than appearance, so that one of ten may get another answer."""


@pytest.fixture(scope="module")
def plain(recognizer: Recognizer) -> list[int]:
    """What the recognizer makes of the ten digits, black on white."""
    return [recognizer.predict(255 - drawing(digit)).digit for digit in range(10)]


def test_at_least_nine_of_the_ten_drawings_are_right(plain: list[int]) -> None:
    assert sum(answer == digit for digit, answer in enumerate(plain)) >= 9


@pytest.mark.parametrize("name", SAME)
def test_the_same_drawing_gets_the_same_digit(recognizer: Recognizer, plain: list[int], name: str) -> None:
    right = [digit for digit in range(10) if plain[digit] == digit]
    assert [recognizer.predict(SAME[name](digit)).digit for digit in right] == right


@pytest.mark.parametrize("name", HARDER)
def test_a_drawing_that_asks_for_more(recognizer: Recognizer, name: str) -> None:
    answers = [recognizer.predict(HARDER[name](digit)).digit for digit in range(10)]
    assert sum(answer == digit for digit, answer in enumerate(answers)) >= 9, answers


# The prediction


def test_what_a_prediction_holds(recognizer: Recognizer) -> None:
    prediction = recognizer.predict(255 - drawing(4))
    assert isinstance(prediction, Prediction)
    assert type(prediction.digit) is int
    assert type(prediction.confidence) is float
    assert (prediction.probabilities.shape, prediction.probabilities.dtype) == ((10,), np.float32)
    assert (prediction.model_input.shape, prediction.model_input.dtype) == ((28, 28), np.float32)
    assert prediction.digit == prediction.probabilities.argmax()
    assert prediction.confidence == prediction.probabilities[prediction.digit]
    assert prediction.probabilities.min() >= 0
    assert abs(float(prediction.probabilities.sum(dtype=np.float64)) - 1) < 1e-6
    assert prediction.model_input.min() >= 0
    assert abs(float(prediction.model_input.max()) - 1) < 1e-6
    inked = np.argwhere(prediction.model_input > 0.1)
    assert (inked.max(0) - inked.min(0)).max() + 1 in (20, 21)  # 20 pixels, one more where its edge is blurred


def test_a_prediction_is_frozen(recognizer: Recognizer) -> None:
    prediction = recognizer.predict(drawing(4))
    with pytest.raises(dataclasses.FrozenInstanceError):
        prediction.digit = 5  # type: ignore[misc]


def test_a_prediction_survives_json(recognizer: Recognizer) -> None:
    prediction = recognizer.predict(drawing(4))
    told = prediction.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert list(told) == ["digit", "confidence", "is_digit", "doubt", "probabilities"]
    assert (told["is_digit"], told["doubt"]) == (prediction.is_digit, prediction.doubt)
    assert told["digit"] == prediction.digit
    assert told["confidence"] == told["probabilities"][told["digit"]]
    np.testing.assert_array_equal(np.float32(told["probabilities"]), prediction.probabilities)


@pytest.mark.parametrize(("doubt", "is_digit"), [(0.0, True), (0.499, True), (0.5, False), (1.0, False)])
def test_a_half_is_where_doubt_begins(recognizer: Recognizer, doubt: float, is_digit: bool) -> None:
    assert dataclasses.replace(recognizer.predict(drawing(4)), doubt=doubt).is_digit is is_digit


def test_a_prediction_is_nobody_elses(recognizer: Recognizer) -> None:
    image = drawing(4)
    first, again = recognizer.predict_batch([image, image])
    before = again.probabilities.copy()
    first.probabilities[:] = 0
    first.model_input[:] = 0
    np.testing.assert_array_equal(again.probabilities, before)
    np.testing.assert_allclose(recognizer.predict(image).probabilities, before, atol=1e-6)
    np.testing.assert_array_equal(image, drawing(4))


def test_blank_margins_change_no_answer_and_take_no_time_if_they_are_all_round(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = 255 - drawing(4, size=60)
    rows, columns = (np.flatnonzero((image < 255).any(axis)) for axis in (1, 0))
    whole = recognizer.run(ink_from(image)[np.newaxis])
    shapes = watch(recognizer, monkeypatch)
    for shift in ((0, 0), (-int(rows[0]), 30), (20, int(279 - columns[-1]))):
        answer = recognizer.predict(np.roll(image, shift, (0, 1)))
        np.testing.assert_allclose(answer.probabilities, whole.probabilities[0], atol=1e-6)
        np.testing.assert_allclose(answer.model_input, whole.model_input[0], atol=1e-5)
        assert answer.doubt == pytest.approx(float(whole.doubt[0]), abs=1e-5)
    assert shapes == [(1, np.ptp(rows) + 3, np.ptp(columns) + 3), (1, 280, 280), (1, 280, 280)]


def test_what_is_too_faint_is_refused_with_the_size_of_the_whole_picture(recognizer: Recognizer) -> None:
    faint = np.full((80, 120), 255, np.uint8)
    faint[30:33, 40:44] = 250
    with pytest.raises(BlankImageError, match="nothing in this 120x80 picture"):
        recognizer.predict(faint)


# Batches


def mixed_images() -> list[Any]:
    """Twenty pictures of five sizes and several kinds, sizes interleaved."""
    return [
        255 - drawing(n % 10, size=20 + 10 * (n % 5), thickness=4, canvas=(40 + 20 * (n % 5), 100))
        if n % 3
        else encoded(drawing(n % 10, size=20 + 10 * (n % 5), thickness=4, canvas=(40 + 20 * (n % 5), 100)))
        for n in range(20)
    ]


def assert_as_one_by_one(recognizer: Recognizer, images: list[Any], batch: list[Prediction]) -> None:
    assert len(batch) == len(images)
    for image, together in zip(images, batch, strict=True):
        alone = recognizer.predict(image)
        assert together.digit == alone.digit
        np.testing.assert_allclose(together.probabilities, alone.probabilities, atol=1e-6)
        # Blank margins are cut off for one alone: the graph adds up in another order.
        np.testing.assert_allclose(together.model_input, alone.model_input, atol=1e-5)
        assert together.doubt == pytest.approx(alone.doubt, abs=1e-5)


def test_a_batch_gives_the_answers_of_one_by_one_in_order(recognizer: Recognizer) -> None:
    images = mixed_images()
    assert_as_one_by_one(recognizer, images, recognizer.predict_batch(images))


def test_a_batch_may_be_larger_than_one_run_of_the_graph(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = mixed_images()
    for most in (30_000, 1):  # 1 is less than any of the pictures has
        monkeypatch.setattr(batch_module, "PIXELS_PER_RUN", most)
        with monkeypatch.context() as patch:
            shapes = watch(recognizer, patch)
            batch = recognizer.predict_batch(images)
        assert all(np.prod(shape) <= most or shape[0] == 1 for shape in shapes)
        assert sum(shape[0] for shape in shapes) == len(images)  # none of them twice
        assert_as_one_by_one(recognizer, images, batch)


def watch(recognizer: Recognizer, patch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The shapes of what the graph is run on from here on."""
    shapes: list[tuple[int, ...]] = []
    run = recognizer.run

    def watched(ink: Any) -> Any:
        shapes.append(ink.shape)
        return run(ink)

    patch.setattr(recognizer, "run", watched)
    return shapes


def test_pictures_of_one_size_take_one_run(recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = watch(recognizer, monkeypatch)
    recognizer.predict_batch([drawing(digit) for digit in range(10)])
    assert shapes == [(10, 280, 280)]


def test_a_batch_may_be_empty_a_generator_or_an_array(recognizer: Recognizer) -> None:
    images = [drawing(digit, size=20, thickness=3, canvas=(28, 28)) for digit in range(3)]
    assert recognizer.predict_batch([]) == []
    assert_as_one_by_one(recognizer, images, recognizer.predict_batch(image for image in images))
    assert_as_one_by_one(recognizer, images, recognizer.predict_batch(np.stack(images)))


@pytest.mark.parametrize(
    ("culprit", "kind"),
    [
        (np.zeros((28, 28), np.uint8), BlankImageError),
        (b"no picture", InvalidImageError),
        (np.broadcast_to(np.uint8(0), (9000, 9000)), ImageTooLargeError),
    ],
)
def test_a_batch_names_the_picture_it_cannot_answer(
    recognizer: Recognizer, culprit: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as alone:
        recognizer.predict(culprit)
    with pytest.raises(kind) as refusal:
        recognizer.predict_batch([drawing(1), drawing(2), culprit, drawing(3)])
    assert type(refusal.value) is kind
    assert str(refusal.value) == f"image 2: {alone.value}"


def test_a_batch_names_the_first_picture_it_cannot_answer_whatever_is_wrong_with_it(recognizer: Recognizer) -> None:
    blank = np.zeros((28, 28), np.uint8)
    with pytest.raises(BlankImageError, match="image 1: no ink"):
        recognizer.predict_batch([drawing(1), blank, b"no picture"])
    with pytest.raises(InvalidImageError, match="image 1: "):
        recognizer.predict_batch([drawing(1), b"no picture", blank])
    answers = recognizer.predict_batch([blank, drawing(1), b"no picture"], errors="return")
    assert [type(answer) for answer in answers] == [BlankImageError, Prediction, InvalidImageError]


# Threads, and the model that all share


def test_sixteen_threads_get_the_same_answers(recognizer: Recognizer) -> None:
    images = [drawing(n % 10, canvas=(200 + 20 * (n % 4), 200), size=100, thickness=10) for n in range(64)]
    expected = [recognizer.predict(image).probabilities for image in images]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(recognizer.predict, images))
    for answer, probabilities in zip(answers, expected, strict=True):
        np.testing.assert_array_equal(answer.probabilities, probabilities)


def test_the_functions_share_one_model_loaded_at_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Slow(Recognizer):
        def __init__(self) -> None:
            made.append(self)
            time.sleep(0.05)  # every thread arrives before the first has done
            super().__init__()

    monkeypatch.setattr(module, "_shared", None)
    monkeypatch.setattr(module, "Recognizer", Slow)
    barrier = threading.Barrier(16)

    def ask(digit: int) -> int:
        barrier.wait()
        image = drawing(digit)
        return digitrec.predict(image).digit if digit % 2 else digitrec.predict_batch([image])[0].digit

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, [n % 10 for n in range(16)]))
    assert len(made) == 1
    assert len(set(answers)) >= 9
    assert module.shared_recognizer() is made[0]


def test_a_model_that_cannot_be_loaded_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "_shared", None)
    monkeypatch.setattr(module, "model_path", lambda: tmp_path / "digitrec.onnx")
    with pytest.raises(digitrec.ModelNotFoundError, match=r"digitrec\.onnx"):
        digitrec.predict(drawing(4))
    (tmp_path / "digitrec.onnx").write_bytes(model_path().read_bytes())
    assert digitrec.predict(drawing(4)).digit == 4


# Models of one's own


def test_a_model_of_ones_own_without_a_card(tmp_path: Path, recognizer: Recognizer) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(model_path().read_bytes())
    for path in (own, str(own)):
        mine = Recognizer(path, threads=2)
        assert mine.path == own
        np.testing.assert_allclose(
            mine.predict(drawing(4)).probabilities, recognizer.predict(drawing(4)).probabilities, atol=1e-6
        )


def graph(
    names: tuple[str, ...] = ("ink", "probabilities", "doubt", "model_input"),
    size: tuple[str | int, str | int] = ("h", "w"),
    classes: int = 10,
) -> bytes:
    """A small ONNX graph: from (n, h, w) to (n, classes), (n,) and (n, 28, 28), all of them zeros."""
    onnx = pytest.importorskip("onnx")
    make, real = onnx.helper, onnx.TensorProto.FLOAT
    ink, *outputs = names
    shapes = [*[[classes], []][: len(outputs) - 1], [28, 28]]
    nodes = []
    constants = {"zero": [0], "one": [1]} | {f"{name} rest": shape for name, shape in zip(outputs, shapes, strict=True)}
    inputs = [onnx.numpy_helper.from_array(np.array(value, np.int64), name) for name, value in constants.items()]
    nodes.append(make.make_node("Shape", [ink], ["shape"]))
    nodes.append(make.make_node("Slice", ["shape", "zero", "one"], ["n"]))
    for output in outputs:
        nodes.append(make.make_node("Concat", ["n", f"{output} rest"], [f"{output} shape"], axis=0))
        nodes.append(make.make_node("ConstantOfShape", [f"{output} shape"], [output]))
    made = make.make_graph(
        nodes,
        "small",
        [make.make_tensor_value_info(ink, real, ["n", *size])],
        [
            make.make_tensor_value_info(output, real, ["n", *shape])
            for output, shape in zip(outputs, shapes, strict=True)
        ],
        inputs,
    )
    model = make.make_model(made, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def test_the_smallest_graph_that_passes(tmp_path: Path) -> None:
    """Which shows that the graphs below are refused for what they say."""
    path = tmp_path / "small.onnx"
    path.write_bytes(graph())
    assert Recognizer(path).predict(drawing(4)).confidence == 0


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is not a readable ONNX model; restore it or export again"),
    "truncated": (lambda: model_path().read_bytes()[:100_000], "is not a readable ONNX model"),
    "words": (lambda: b"a model, I swear", "is not a readable ONNX model"),
    "zeros": (lambda: bytes(5000), "is not a readable ONNX model"),
    "a picture": (lambda: encoded(drawing(4)), "is not a readable ONNX model"),
    "of other names": (
        lambda: graph(("x", "y", "z")),
        r"is no digit recognizer: it maps \['x'\] to \['y', 'z'\], not \['ink'\] to"
        r" \['probabilities', 'doubt', 'model_input'\]; make one with: python -m training.export",
    ),
    "without doubt": (  # as an earlier version exported it
        lambda: graph(("ink", "probabilities", "model_input")),
        r"it maps \['ink'\] to \['probabilities', 'model_input'\], not",
    ),
    "of letters": (lambda: graph(classes=26), r"the shapes \[\(2, 26\), \(2,\), \(2, 28, 28\)\], not \[\(2, 10\)"),
    "of one size": (lambda: graph(size=(28, 28)), "it cannot answer two drawings of 40x30 pixels; make one with"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_digit_recognizer(tmp_path: Path, name: str) -> None:
    content, message = BROKEN[name]
    path = tmp_path / "broken.onnx"
    path.write_bytes(content())
    with pytest.raises(ModelIntegrityError, match=message) as refusal:
        Recognizer(path)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize(("side", "at_least"), [(16, 90), (28, 85), (64, 85), (300, 75)])
def test_a_digit_that_fills_its_picture_is_one(recognizer, data_dir, side, at_least):
    """As in a scan, or a form's cell that was cut out along the ink: there is no border to tell paper from ink by."""
    train, _ = load_mnist()
    rows = np.flatnonzero(validation_rows(train, 0.08, seed=1))[:100]  # the shipped network was not trained on them
    right = 0
    for image, label in zip(train.images[rows], train.labels[rows], strict=True):
        inked = image > 30
        down, across = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
        crop = image[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
        answer = recognizer.predict(255 - np.asarray(Image.fromarray(crop).resize((side, side))))
        right += answer.is_digit and answer.digit == label
    assert right >= at_least
