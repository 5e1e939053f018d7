"""Whatever arrives, `ink_from` answers or raises a `DigitrecError`; and what it answers is ink."""

import io
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from digitrec import BlankImageError, DigitrecError
from digitrec.ink import ink_from
from tests.support.drawings import drawing, encoded, painted, sketched

often = settings(
    deadline=None,  # the machine may be busy
    derandomize="CI" in os.environ,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow],
)

PAGE = 255 - drawing(3, size=16, thickness=3, canvas=(24, 24))
PICTURES = [PAGE, painted(drawing(3, size=16, thickness=3, canvas=(24, 24))), sketched(255 - PAGE)]
FILES = {
    "PNG": encoded(PICTURES[2]),
    "PNG, palette": encoded(Image.fromarray(PAGE).convert("P"), transparency=3),
    "PNG, 16 bits": encoded(PAGE.astype(np.uint16) * 257),
    "JPEG": encoded(PICTURES[1], "JPEG", quality=30),
    "JPEG, CMYK": encoded(Image.fromarray(PICTURES[1]).convert("CMYK"), "JPEG", quality=30),
    "JPEG, two": encoded(PICTURES[1], "MPO", save_all=True, append_images=[Image.fromarray(PICTURES[1])], quality=30),
    "GIF": encoded(PAGE, "GIF", save_all=True, append_images=[Image.fromarray(255 - PAGE)]),
    "WEBP": encoded(PICTURES[2], "WEBP", lossless=True),
    "WEBP, lossy": encoded(PICTURES[1], "WEBP", quality=20),
    "BMP": encoded(Image.fromarray(PAGE > 127), "BMP"),
    "TIFF": encoded(Image.fromarray(PAGE), "TIFF", compression="tiff_lzw"),
    "TIFF, JPEG": encoded(PICTURES[1], "TIFF", compression="jpeg"),
    "PPM": encoded(Image.fromarray(PAGE[::2, ::2]), "PPM"),
    "PFM": encoded((PAGE[::3, ::3] / 255).astype(np.float32), "PPM"),
}
MAGIC = [data[:12] for data in FILES.values()] + [
    *(b"P1 ", b"P2 9 9 255 ", b"P3 9 9 255 ", b"P4 9 9 ", b"P7\n", b"Pf\n9 9 -1.0\n", b"II\x2b\0", b"MM\0\x2a"),
    *(b"\0\0\1\0", b"\0\0\0 ftypavif", b"8BPS", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"<svg ", b"\x1f\x8b\x08"),
]


def check(image: Any) -> None:
    """Ink or a `DigitrecError`, whether warnings are errors or not; anything else fails the test."""
    for action in ("error", "ignore"):
        ink, message = None, ""
        with warnings.catch_warnings():
            warnings.simplefilter(action)  # type: ignore[arg-type]
            try:
                ink = ink_from(image)
            except DigitrecError as refusal:
                message = str(refusal)
        assert message.isprintable()
        assert len(message) < 500
        if ink is not None:
            assert (ink.ndim, ink.dtype, ink.flags.writeable) == (2, np.float32, True)
            assert ink.min() >= 0  # which NaN is not
            assert ink.max() == 1


@often
@given(st.binary(max_size=300))
def test_random_bytes(data: bytes) -> None:
    check(data)


@often
@given(st.sampled_from(MAGIC), st.binary(max_size=300))
def test_random_bytes_after_what_a_format_starts_with(magic: bytes, data: bytes) -> None:
    check(magic + data)


@pytest.mark.parametrize("name", FILES)
def test_every_truncation_of_a_file(name: str) -> None:
    data = FILES[name]
    check(data)
    step = 1 + len(data) // 500
    for length in range(0, len(data), step):
        check(data[:length])


@pytest.mark.parametrize("name", FILES)
def test_every_byte_of_a_file_turned_around(name: str) -> None:
    data = FILES[name]
    for place in [*range(min(len(data), 150)), *range(150, len(data), 1 + len(data) // 150)]:
        check(data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :])


@settings(often, max_examples=400)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_file_with_some_bytes_replaced(name: str, data: st.DataObject) -> None:
    broken = bytearray(FILES[name])
    places = st.integers(0, len(broken) - 1) | st.integers(0, 60)
    for place, value in data.draw(st.dictionaries(places, st.integers(0, 255), min_size=1, max_size=6)).items():
        broken[min(place, len(broken) - 1)] = value
    check(bytes(broken))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = Image.open(io.BytesIO(broken))
        except Exception:  # whoever opens a picture has to bear what comes of that
            return
        with picture:
            check(picture)


@often
@given(st.sampled_from(sorted(FILES)), st.sampled_from(sorted(FILES)), st.integers(0, 400), st.integers(0, 400))
def test_the_head_of_one_file_on_the_tail_of_another(head: str, tail: str, ends: int, starts: int) -> None:
    check(FILES[head][:ends] + FILES[tail][starts:])


@often
@given(
    hnp.arrays(
        dtype=hnp.scalar_dtypes() | st.sampled_from([np.dtype(object), np.dtype([("r", "u1"), ("g", "u1")])]),
        shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
    )
)
def test_arrays_of_any_shape_and_kind(array: np.ndarray[Any, Any]) -> None:
    check(array)


SIDES = st.integers(1, 9)
SHAPES = st.tuples(SIDES, SIDES) | st.tuples(SIDES, SIDES, st.sampled_from([3, 4]))
BYTES = hnp.arrays(np.uint8, SHAPES)
FLOATS = st.sampled_from([np.float16, np.float32, np.float64]).flatmap(
    lambda kind: hnp.arrays(kind, SHAPES, elements=st.floats(0, 1, width=16))
)
WILD = hnp.arrays(st.sampled_from([np.float16, np.float32, np.float64, np.longdouble]), SHAPES)


@settings(often, max_examples=400)
@given(BYTES | FLOATS | WILD)
@example(np.array([[0.0, 5e-324]]))
@example(np.array([[-0.0, 1.0]], np.float16))
def test_arrays_of_the_right_shape(array: np.ndarray[Any, Any]) -> None:
    before = array.copy()
    check(array)
    np.testing.assert_array_equal(array, before)


def same(one: Any, other: Any, tolerance: float = 0) -> None:
    """Both give the same ink, or both are blank."""
    try:
        expected = ink_from(one)
    except BlankImageError:
        with pytest.raises(BlankImageError):
            ink_from(other)
    else:
        np.testing.assert_allclose(ink_from(other), expected, atol=tolerance)


@often
@given(BYTES | FLOATS)
def test_how_an_array_lies_in_memory_makes_no_difference(array: np.ndarray[Any, Any]) -> None:
    wide = np.zeros((array.shape[0] * 2, array.shape[1] * 3, *array.shape[2:]), array.dtype)
    wide[::2, ::3] = array
    for other in (np.asfortranarray(array), wide[::2, ::3], array.astype(array.dtype.newbyteorder())):
        same(array, other)


@often
@given(BYTES)
def test_a_lossless_file_is_its_array(array: np.ndarray[Any, Any]) -> None:
    assume(array.max() > 1)  # an array of zeros and ones is black and white; in a file, 1 is nearly black
    same(array, encoded(array))
    same(array, Image.fromarray(array))


@often
@given(BYTES)
def test_bytes_are_floats(array: np.ndarray[Any, Any]) -> None:
    # Not where the brightest ink is on the verge of what counts, for the two round in different ways.
    values = array.astype(np.float64) / 255
    try:
        expected = ink_from(array)
    except BlankImageError:
        return
    try:
        np.testing.assert_allclose(ink_from(values), expected, atol=1e-5)
    except BlankImageError:
        assert array.max() < 60


@often
@given(
    st.sampled_from(["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"])
    | st.sampled_from(["I;16", "I;16L", "I;16B", "I;16N", "I", "F"]),
    SIDES,
    SIDES,
    st.randoms(use_true_random=False),
    st.none() | st.integers(0, 300) | st.binary(max_size=9),
)
def test_pillow_images_of_any_mode(mode: str, width: int, height: int, random: Any, transparency: Any) -> None:
    blank = Image.new(mode, (width, height))
    try:
        picture = Image.frombytes(mode, blank.size, random.randbytes(len(blank.tobytes())))
    except ValueError:  # a mode that Pillow itself cannot fill from bytes
        picture = blank
    if transparency is not None:
        picture.info["transparency"] = transparency
    check(picture)


@often
@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.integers()))
@example("\0")
@example(".")
@example("\ud800")
def test_objects_of_any_type_are_refused_or_read(thing: Any) -> None:
    check(thing)


@often
@given(st.lists(st.binary(max_size=9) | st.none() | st.text(max_size=3) | st.sampled_from([OSError(5), EOFError()])))
def test_file_objects_that_misbehave_are_refused_or_read(parts: list[Any]) -> None:
    class File:
        def __init__(self) -> None:
            self.left = [FILES["PNG"], *parts]

        def read(self, _: int) -> Any:
            part = self.left.pop(0) if self.left else b""
            if isinstance(part, Exception):
                raise part
            return part

    check(File())


def test_the_folder_of_these_tests_holds_no_picture() -> None:
    for path in Path(__file__).parent.iterdir():
        check(path)
