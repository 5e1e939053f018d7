"""What `ink_from` promises: which pictures it takes, what it makes of them, what it refuses and in which words."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from digitrec import BlankImageError, DigitrecError, ImageTooLargeError, InvalidImageError
from digitrec.decoding import MAX_PIXELS, MAX_SIDE
from digitrec.decoding import source as decoding
from digitrec.decoding.codec import PLUGINS
from digitrec.decoding.limits import MAX_FILE_SIDE
from digitrec.ink import cut_margins, ink_from, ink_from_pixels
from tests.support.drawings import BLUE, WHITE, YELLOW, drawing, encoded, painted, sketched

PEN = drawing(4, size=40, thickness=5, canvas=(60, 60))  # 255 on 0
PAGE = 255 - PEN
MODES = [
    "1",
    "L",
    "LA",
    "P",
    "PA",
    "RGB",
    "RGBA",
    "RGBa",
    "RGBX",
    "CMYK",
    "YCbCr",
    "HSV",
    "LAB",
    "I;16",
    "I;16B",
    "I",
    "F",
]


def in_mode(mode: str) -> Image.Image:
    """The page as a Pillow image of any mode."""
    if mode == "F":
        return Image.fromarray((PAGE / 255).astype(np.float32))
    if mode.startswith("I"):
        bits = (PAGE.astype(np.uint16) * 257).astype(">u2" if mode == "I;16B" else "<u2")
        return Image.frombytes(mode, (60, 60), PAGE.astype(np.int32) * 257 if mode == "I" else bits)
    page = Image.fromarray(PAGE)
    if mode == "LAB":
        return Image.merge("LAB", [page, *[Image.new("L", page.size, 128)] * 2])
    through = {"1": "L", "L": "L", "LA": "L", "P": "L", "PA": "P", "RGBa": "RGBA"}.get(mode, "RGB")
    return page.convert(through).convert(mode, dither=Image.Dither.NONE)


def palette_with_transparency(kind: type) -> Image.Image:
    """Black ink on a transparent ground, as a palette image; the transparency is an index or a byte for each entry."""
    picture = Image.fromarray((PEN > 127).astype(np.uint8))
    picture = picture.convert("P") if picture.mode != "P" else picture
    picture.putpalette([0, 0, 0] * 2)
    picture.info["transparency"] = 0 if kind is int else bytes([0, 255])
    return picture


def assert_is_the_drawing(ink: np.ndarray[Any, Any], tolerance: float = 0.03) -> None:
    assert ink.dtype == np.float32
    assert ink.flags.writeable
    np.testing.assert_allclose(ink, PEN / 255, atol=tolerance)


# What arrives


@pytest.mark.parametrize("mode", MODES)
def test_a_pillow_image_of_any_mode(mode: str) -> None:
    picture = in_mode(mode)
    assert picture.mode == mode
    assert_is_the_drawing(ink_from(picture), tolerance=0.51 if mode == "1" else 0.04)


@pytest.mark.parametrize("kind", [int, bytes])
def test_a_palette_image_with_transparency(kind: type) -> None:
    assert_is_the_drawing(ink_from(palette_with_transparency(kind)), tolerance=0.51)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_a_file_of_each_format(kind: str) -> None:
    assert_is_the_drawing(ink_from(encoded(PAGE, kind)), tolerance=0.2 if kind == "JPEG" else 0.1)


def test_every_format_that_is_read_has_a_reader() -> None:
    """Pillow raises KeyError for every file that reaches a name it does not know."""
    Image.init()
    assert set(PLUGINS) <= set(Image.OPEN)


@pytest.mark.parametrize("options", [{"compression": "tiff_lzw"}, {"compression": "group4"}, {"compression": "jpeg"}])
def test_a_compressed_tiff(options: dict[str, str]) -> None:
    picture = in_mode("1" if options["compression"] == "group4" else "L")
    assert_is_the_drawing(ink_from(encoded(picture, "TIFF", **options)), tolerance=0.51)


def test_what_a_file_may_come_as(tmp_path: Path) -> None:
    data = encoded(PAGE)
    path = tmp_path / "four.png"
    path.write_bytes(data)
    expected = ink_from(data)
    with path.open("rb") as buffered, path.open("rb", buffering=0) as raw:
        forms = [str(path), path, bytearray(data), memoryview(data), io.BytesIO(data), buffered, raw]
        for form in forms:
            np.testing.assert_array_equal(ink_from(form), expected)


def test_a_reader_that_gives_little_at_a_time() -> None:
    class Socket(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, 7))

    assert_is_the_drawing(ink_from(Socket(encoded(PAGE))))


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64, ">f4", ">f8"])
@pytest.mark.parametrize("channels", [0, 3, 4])
def test_an_array(dtype: Any, channels: int) -> None:
    page = PAGE if dtype == np.uint8 else (PAGE / 255).astype(dtype)
    if channels:
        full = np.full_like(page, 255 if dtype == np.uint8 else 1)
        page = np.dstack([page] * 3 + [full] * (channels - 3))
    assert_is_the_drawing(ink_from(page))


@pytest.mark.parametrize(
    "view",
    [
        np.asfortranarray,
        lambda page: np.dstack([page, page])[..., 0],
        lambda page: page[::-1, ::-1][::-1, ::-1],
        lambda page: page.view(np.matrix),
        lambda page: np.ma.masked_array(page),
    ],
    ids=["fortran", "strided", "reversed", "matrix", "masked"],
)
def test_an_array_that_lies_in_memory_in_another_way(view: Callable[[Any], Any]) -> None:
    assert_is_the_drawing(ink_from(view(PAGE)))


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.fromarray(255 - drawing(digit, size=40, thickness=5, canvas=(60, 60))) for digit in (4, 7, 1)]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert_is_the_drawing(ink_from(data), tolerance=0.1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_its_exif_says(orientation: int) -> None:
    tall = Image.fromarray(255 - drawing(4, size=40, thickness=5, canvas=(60, 90)))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = tall.transpose(undo[orientation]) if orientation in undo else tall
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        turned = ink_from(encoded(stored.convert("RGB"), kind, exif=exif))
        np.testing.assert_allclose(turned, ink_from(tall), atol=0.2)


def png(
    width: int, height: int, rows: bytes, *, colour: int = 0, interlaced: bool = False, chunks: bytes = b""
) -> bytes:
    """A PNG made by hand, for what Pillow does not write. `rows` are filter bytes and pixels, not compressed."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlaced)
    parts = [chunk(b"IHDR", header), chunks, chunk(b"IDAT", zlib.compress(rows, 1)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_an_interlaced_png() -> None:
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(b"\0" + row.tobytes() for y, x, down, across in passes for row in PAGE[y::down, x::across])
    assert_is_the_drawing(ink_from(png(60, 60, rows, interlaced=True)))


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_a_png_whose_notes_unpack_to_30_megabytes_costs_few(kind: bytes) -> None:
    notes = chunk(kind, b"name\0\0" + zlib.compress(bytes(30_000_000), 1))
    rows = b"".join(b"\0" + row.tobytes() for row in PAGE)
    tracemalloc.start()
    with contextlib.suppress(InvalidImageError):
        ink_from(png(60, 60, rows, chunks=notes))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


# What is made of it


def test_an_mnist_image_passes_unchanged_but_for_its_brightest_pixel(data_dir: Path) -> None:
    with np.load(data_dir / "mnist.npz") as archive:
        images = archive["x_test"][:2000]
    for image in images:
        np.testing.assert_allclose(ink_from(image), image / image.max(), rtol=1e-6)


def test_black_on_white_and_white_on_black_are_the_same_ink() -> None:
    np.testing.assert_allclose(ink_from(PAGE), ink_from(PEN), atol=1e-6)


def test_coloured_ink_on_coloured_paper() -> None:
    assert_is_the_drawing(ink_from(painted(PEN, BLUE, YELLOW)), tolerance=0.01)
    assert_is_the_drawing(ink_from(painted(PEN, (255, 0, 0), (0, 255, 0))), tolerance=0.01)  # nearly the same as gray


@pytest.mark.parametrize("pen", [(0, 0, 0), WHITE, BLUE])
def test_ink_that_lives_in_alpha_alone(pen: tuple[int, int, int]) -> None:
    assert_is_the_drawing(ink_from(sketched(PEN, pen)), tolerance=0.01)


def test_an_eraser_leaves_holes_that_are_paper() -> None:
    page = np.dstack([painted(PEN), np.full(PEN.shape, 255, np.uint8)])
    page[5:15, 5:15] = 0  # transparent black amid white paper
    assert_is_the_drawing(ink_from(page), tolerance=0.01)


@pytest.mark.parametrize("paper", [WHITE, YELLOW, (0, 0, 0)])
def test_a_drawing_on_a_card_amid_transparency(paper: tuple[int, int, int]) -> None:
    card = np.dstack([painted(PEN, BLUE, paper), np.full(PEN.shape, 255, np.uint8)])
    ink = ink_from(np.pad(card, ((10, 10), (20, 20), (0, 0))))
    assert ink.shape == (80, 100)
    np.testing.assert_allclose(ink[10:70, 20:80], PEN / 255, atol=0.01)
    assert ink[:10].max() == 0


def test_ink_of_two_colours_in_alpha_is_no_card() -> None:
    drawn = sketched(PEN)
    drawn[:30, :, 0] = 255  # red above, black below
    assert_is_the_drawing(ink_from(drawn), tolerance=0.01)


def test_a_straight_stroke_in_alpha_is_no_card() -> None:
    alpha = np.zeros((60, 60), np.uint8)
    alpha[10:50, 28:32] = 255
    assert ink_from(sketched(alpha))[30, 30] == 1


HOLED = np.dstack([painted(PEN), np.full(PEN.shape, 255, np.uint8)])
HOLED[25:30, 5:15] = 0
CARD = np.pad(np.dstack([painted(PEN, BLUE, YELLOW), np.full(PEN.shape, 255, np.uint8)]), ((10, 10), (20, 20), (0, 0)))
SURROUNDED = {
    "gray": PAGE,
    "gray, 16 bits": PAGE.astype(np.uint16) * 257,
    "gray, float": (PAGE / 255).astype(np.float32),
    "gray canvas": np.dstack([painted(PEN), np.full(PEN.shape, 255, np.uint8)]),
    "canvas": np.dstack([painted(PEN, BLUE, YELLOW), np.full(PEN.shape, 255, np.uint8)]),
    "alpha": sketched(PEN, BLUE),
    "a hole in it": HOLED,
    "a card": CARD,
}


@pytest.mark.parametrize("kind", SURROUNDED)
def test_margins_hold_no_ink_and_no_background_that_is_needed(kind: str) -> None:
    picture = SURROUNDED[kind]
    left = cut_margins(picture)
    assert left.shape[0] < picture.shape[0]
    assert left.shape[1] < picture.shape[1]
    whole, ink = ink_from_pixels(picture), ink_from_pixels(left)
    for axis in (0, 1):
        kept = ink.any(axis)
        assert not kept[[0, -1]].any()
        assert kept.sum() == whole.any(axis).sum() > 0
    np.testing.assert_array_equal(ink[ink > 0], whole[whole > 0])


@pytest.mark.parametrize("side", [0, 1, 2, 3])
def test_a_picture_drawn_on_to_its_edge_stays_whole(side: int) -> None:
    picture = np.rot90(PAGE[:, : np.flatnonzero((PAGE < 255).any(0))[-1] + 1], side)
    assert cut_margins(picture) is picture


def test_so_does_one_without_ink_one_of_noise_and_a_photograph() -> None:
    noisy = np.random.default_rng(0).integers(250, 256, (40, 40), np.uint8)
    for picture in (np.full((40, 40), 9, np.uint8), np.minimum(noisy, PAGE[10:50, 10:50]), painted(PEN)):
        assert cut_margins(picture) is picture


def test_a_faint_pencil_comes_out_at_full_strength() -> None:
    ink = ink_from(255 - PEN // 5)
    assert ink.max() == 1
    np.testing.assert_allclose(ink, PEN / 255, atol=0.02)


def noisy(page: np.ndarray[Any, Any], sigma: float) -> np.ndarray[Any, Any]:
    return np.clip(page + np.random.default_rng(5).normal(0, sigma, page.shape), 0, 1).astype(np.float32)


@pytest.mark.parametrize("paper", [0.9, 1.0])  # on paper as white as can be, half of the noise is cut off
def test_the_noise_of_paper_stays_below_what_counts_as_drawing(paper: float) -> None:
    pen = drawing(4, size=40, thickness=5, canvas=(600, 600))
    ink = ink_from(noisy(paper - 0.8 * pen / 255, 0.03))
    assert ink[:250].max() < 0.1  # BOX_THRESHOLD in digitrec.learning.layers.frame_ink
    assert ink[pen == 255].mean() > 0.9


def test_uneven_light_is_cut_away() -> None:
    ink = ink_from((PAGE / 255 * np.linspace(0.8, 1, 60)).astype(np.float32))
    assert ink[PEN == 0].max() < 0.1
    assert ink[PEN == 255].min() > 0.7


def test_a_large_picture_is_averaged_down() -> None:
    pen = drawing(4, size=1800, thickness=200, canvas=(2500, 2100))
    as_array, as_file, as_picture = ink_from(255 - pen), ink_from(encoded(255 - pen)), ink_from(Image.fromarray(pen))
    for ink in (as_array, as_file, as_picture):
        assert ink.shape == (700, 833 if ink is as_array else 834)  # Pillow keeps the last, narrower column
        assert set(np.unique(ink[:, 400:420].round(1))) > {0, 1}
    np.testing.assert_allclose(as_array, as_file[:, :833], atol=0.01)
    assert max(ink_from(encoded(255 - pen, "JPEG")).shape) <= MAX_SIDE


@pytest.mark.parametrize("shape", [(1, 40_000), (40_000, 1), (3, 5000)])
def test_a_very_narrow_picture(shape: tuple[int, int]) -> None:
    line = np.zeros(shape, np.uint8)
    line.reshape(-1)[line.size // 2 :] = 255
    assert max(ink_from(line).shape) <= MAX_SIDE
    if max(shape) <= MAX_FILE_SIDE:
        assert max(ink_from(encoded(line)).shape) <= MAX_SIDE
    else:
        with pytest.raises(ImageTooLargeError, match="a side of at most 16,384 is read"):
            ink_from(encoded(line))


# What holds no ink


def jpeg_of_a_blank_page() -> bytes:
    return encoded(np.full((280, 280, 3), (250, 248, 240), np.uint8), "JPEG", quality=20)


BLANKS: dict[str, Any] = {
    "all white": np.full((280, 280), 255, np.uint8),
    "all black": np.zeros((280, 280), np.float32),
    "all transparent": np.zeros((280, 280, 4), np.uint8),
    "transparent, with colours below": np.dstack([painted(PEN), np.zeros_like(PEN)]),
    "one colour": np.full((28, 28, 3), (20, 40, 200), np.uint8),
    "one pixel": np.zeros((1, 1), np.uint8),
    "one pixel of a file": encoded(np.zeros((1, 1, 3), np.uint8)),
    "barely visible": 255 - PEN // 11,
    "barely visible, in 16 bits": Image.fromarray(65535 - PEN.astype(np.uint16) * 20),
    "barely visible, in 16 bits, large": Image.fromarray(np.tile(65535 - PEN.astype(np.uint16) * 20, (20, 20))),
    "white noise": noisy(np.full((1000, 1000), 1.0), 0.02),
    "gray noise": noisy(np.full((600, 600), 0.5), 0.02),
    "coloured noise": noisy(np.full((280, 280, 3), 0.9), 0.02),
    "uneven light": np.broadcast_to(np.linspace(0.8, 1, 280), (280, 280)),
    "a blank page as JPEG": jpeg_of_a_blank_page(),
}


@pytest.mark.parametrize("name", BLANKS)
def test_a_picture_without_ink(name: str) -> None:
    with pytest.raises(BlankImageError, match=r"no ink: nothing in this \d+x\d+ picture .* draw a digit"):
        ink_from(BLANKS[name])


# What is no picture


class Endless:
    """Zeros without end, like /dev/zero; counts what was taken."""

    taken = 0

    def read(self, size: int) -> bytes:
        self.taken += size
        return bytes(size)


class Broken:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, size: int) -> bytes:
        raise self.error


def closed_file() -> io.BytesIO:
    file = io.BytesIO(encoded(PAGE))
    file.close()
    return file


def closed_picture() -> Image.Image:
    picture = Image.open(io.BytesIO(encoded(PAGE)))
    picture.close()
    return picture


def released_view() -> memoryview:
    view = memoryview(b"x")
    view.release()
    return view


class BytesPath(os.PathLike):  # type: ignore[type-arg]
    def __fspath__(self) -> bytes:
        return b"nowhere.png"


NOT_PICTURES: dict[str, tuple[Callable[[], Any], str]] = {
    "None": (lambda: None, "a NoneType is no picture; pass a path, bytes"),
    "int": (lambda: 7, "a int is no picture"),
    "a class": (lambda: io.BytesIO, "does not give bytes"),
    "a number of NumPy": (lambda: np.float32(1), "a float32 is no picture"),
    "no such path": (lambda: "nowhere.png", "No such file or directory: 'nowhere.png'; pass a file that exists"),
    "no such bytes path": (BytesPath, "No such file or directory"),
    "a null byte": (lambda: "a\0b", "null byte"),
    "a lone surrogate": (lambda: "\ud800", "cannot be read"),
    "a data URL": (lambda: "data:image/png;base64," + "A" * 100_000, "File name too long: 'data:image/png;base64,AAA"),
    "a directory": (lambda: Path(__file__).parent, "Is a directory"),
    "a text file": (lambda: io.StringIO("four"), 'open it with mode "rb", not as text'),
    "a picture opened as text": (lambda: io.TextIOWrapper(io.BytesIO(encoded(PAGE)), "utf-8"), 'mode "rb"'),
    "a closed file": (closed_file, "closed file"),
    "a released view": (released_view, "released memoryview"),
    "a closed picture": (closed_picture, "this 60x60 picture of mode L is not a readable picture"),
    "a file that fails": (lambda: Broken(OSError(5, "Input/output error")), "Input/output error"),
    "a gzip file that fails": (lambda: Broken(zlib.error("invalid stored block lengths")), "invalid stored block"),
    "no bytes": (lambda: b"", "the file is empty; pass the bytes of a PNG"),
    "an empty file": (io.BytesIO, "the file is empty"),
    "words": (lambda: b"four, but in words", "these 18 bytes are not a readable picture; pass a PNG, JPEG"),
    "half a PNG": (lambda: encoded(PAGE)[:200], "these 200 bytes are not a readable picture"),
    "half a PNG, opened": (lambda: Image.open(io.BytesIO(encoded(PAGE)[:200])), "60x60 picture of mode L is not"),
    "no pixels": (lambda: Image.new("L", (0, 5)), "the picture has 0x5 pixels; it needs at least one"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a PostScript document, which"),
    "an array of 0 pixels": (lambda: np.zeros((0, 28)), r"an array of shape \(0, 28\) is no picture; pass"),
    "an array of 1 axis": (lambda: np.zeros(785), r"shape \(785,\)"),
    "an array of 2 channels": (lambda: np.zeros((28, 28, 2)), r"shape \(28, 28, 2\)"),
    "a batch": (lambda: np.zeros((5, 28, 28, 3)), r"shape \(5, 28, 28, 3\)"),
    "a number as an array": (lambda: np.array(1.0), r"shape \(\)"),
    "objects": (lambda: np.zeros((28, 28), object), "an array of object is no picture; pass rows of numbers"),
    "complex numbers": (lambda: np.zeros((28, 28), complex), "an array of complex128 is ambiguous"),
    "not a number": (lambda: np.array([[0.5, np.nan]]), "run from nan to nan; they must be finite"),
    "infinite": (lambda: np.array([[0.5, np.inf]]), "run from 0.5 to inf"),
    "below 0": (lambda: np.array([[-0.5, 1]]), "run from -0.5 to 1.0"),
}


@pytest.mark.parametrize("name", NOT_PICTURES)
def test_files_that_are_no_picture(name: str) -> None:
    make, message = NOT_PICTURES[name]
    with pytest.raises(InvalidImageError, match=message) as refusal:
        ink_from(make())
    assert len(str(refusal.value)) < 400
    assert str(refusal.value).isprintable()  # nothing of the file's own bytes in it


# Limits


def test_more_bytes_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(PAGE)
    path = tmp_path / "four.png"
    path.write_bytes(data)
    monkeypatch.setattr(decoding, "MAX_BYTES", len(data))
    ink_from(data)
    monkeypatch.setattr(decoding, "MAX_BYTES", len(data) - 1)
    for form in (data, bytearray(data), memoryview(data), io.BytesIO(data), path, str(path)):
        with pytest.raises(ImageTooLargeError, match=r"larger than \d+ bytes; use a smaller picture"):
            ink_from(form)


def test_an_endless_file_is_given_up_early() -> None:
    endless = Endless()
    with pytest.raises(ImageTooLargeError, match="larger than 20,000,000 bytes"):
        ink_from(endless)  # type: ignore[arg-type]
    assert endless.taken == decoding.MAX_BYTES + 1


def test_an_endless_file_is_refused_early() -> None:
    class Flood(Endless):
        def read(self, size: int) -> bytes:
            assert size > 0
            return super().read(1_000_000)

    flood = Flood()
    with pytest.raises(ImageTooLargeError):
        ink_from(flood)  # type: ignore[arg-type]
    assert flood.taken < decoding.MAX_BYTES + 2_000_000


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_an_endless_path_is_given_up_early() -> None:
    with pytest.raises(ImageTooLargeError):
        ink_from("/dev/zero")


def test_more_pixels_than_allowed_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("decoded")

    side = 8000
    assert side * side > MAX_PIXELS
    picture = Image.new("1", (side, side))
    file = png(side, side, b"")  # the header is all that may be looked at
    jpeg = bytearray(encoded(Image.new("L", (256, 256)), "JPEG"))
    place = jpeg.index(bytes([8, 1, 0, 1, 0]))  # 8 bits, height and width 256
    jpeg[place + 1 : place + 5] = struct.pack(">HH", side, side)
    monkeypatch.setattr(Image.Image, "convert", decoded)
    monkeypatch.setattr(Image.Image, "reduce", decoded)
    for form in (picture, file, io.BytesIO(file), jpeg, np.broadcast_to(np.uint8(0), (side, side))):
        with pytest.raises(ImageTooLargeError, match=r"8000x8000 pixels; at most 50,000,000 .* scale it down"):
            ink_from(form)


@pytest.mark.parametrize("side", [10_000, 50_000])  # Pillow warns of the one and refuses the other
@pytest.mark.parametrize("strict", [False, True])
def test_decompression_bombs(side: int, strict: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error" if strict else "ignore")
        with pytest.raises(ImageTooLargeError, match="pixels; "):
            ink_from(png(side, side, bytes(1000)))


def test_a_gif_with_a_huge_screen() -> None:
    screen = b"GIF89a" + struct.pack("<HHBBB", 65000, 65000, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    with pytest.raises(ImageTooLargeError):
        ink_from(screen + b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02\x02\x44\x01\0;")


def tiff(*tags: tuple[int, int, int], extra: bytes = b"", data: bytes = b"") -> bytes:
    """A deflated TIFF of 16x16 gray pixels. Tags are (number, type, value); `extra` starts at 8 + 2 + 12 n + 4."""
    always = [(256, 3, 16), (257, 3, 16), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)]
    entries = sorted([*always, *tags], key=lambda tag: tag[0])
    directory = b"".join(struct.pack("<HHII", number, kind, 1, value) for number, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + extra + data


def huge_tiles() -> dict[str, bytes]:
    """TIFFs of 16x16 pixels that unpack to 400 MB: the tile's size plain, given twice, and of a type Pillow skips."""
    side = 20_000
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(bytes(1_000_000)) for _ in range(400)) + packer.flush()
    plain = [(322, 4, side), (323, 4, side), (325, 4, len(data))]
    start = 8 + 2 + 12 * 10 + 4
    skipped = [(322, 17, start), (323, 17, start), (324, 4, start + 8), (325, 4, len(data))]
    return {
        "plain": tiff(*plain, (324, 4, start), data=data),
        "twice": tiff(*plain, (324, 4, start + 12), (322, 4, 16), data=data),
        "skipped": tiff(*skipped, extra=struct.pack("<q", side), data=data),
    }


def test_a_tiff_in_tiles() -> None:
    pixels = zlib.compress(bytes(256))
    places = [(324, 4, 8 + 2 + 12 * 10 + 4), (325, 4, len(pixels))]
    with pytest.raises(InvalidImageError, match="a TIFF in tiles, or a BigTIFF, is not read; save the picture as PNG"):
        ink_from(tiff((322, 4, 16), (323, 4, 16), *places, data=pixels))


def test_a_bigtiff() -> None:
    tags = {256: 16, 257: 16, 258: 8, 259: 1, 262: 1, 273: 16 + 8 + 20 * 8 + 8, 277: 1, 279: 256}
    directory = b"".join(struct.pack("<HHQQ", tag, 4, 1, value) for tag, value in tags.items())
    header = b"II\x2b\0" + struct.pack("<HHQQ", 8, 0, 16, len(tags))
    data = header + directory + bytes(8) + PAGE[20:36, 20:36].tobytes()
    assert np.asarray(Image.open(io.BytesIO(data))).tobytes() == data[-256:]  # it is one
    with pytest.raises(InvalidImageError, match="a TIFF in tiles, or a BigTIFF"):
        ink_from(data)


MEASURE = """
import sys
from pathlib import Path
from digitrec.errors import DigitrecError
from digitrec.ink import ink_from, ink_from_pixels, cut_margins

def peak():  # in KiB; getrusage would start from what the parent process had
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

for path in sorted(Path(sys.argv[1]).iterdir()):
    before = peak()
    try:
        ink_from(path)
    except DigitrecError as error:
        print(path.name, peak() - before, type(error).__name__)
    else:
        print(path.name, peak() - before, "answered")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measured in /proc")
def test_memory_stays_bounded(tmp_path: Path) -> None:
    """The worst files: largest pictures that are allowed, and small ones that would unpack to something large."""
    side = 7000
    assert side * side <= MAX_PIXELS < 1.1 * side * side
    for name, data in huge_tiles().items():
        (tmp_path / f"1 tiff {name}").write_bytes(data)
    (tmp_path / "2 jpeg").write_bytes(encoded(Image.new("RGB", (side, side)), "JPEG"))
    (tmp_path / "3 png").write_bytes(png(side, side, bytes(side * (1 + 4 * side)), colour=6))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    megabytes = {line.rsplit(" ", 2)[0]: int(line.split()[-2]) // 1024 for line in done.stdout.splitlines()}
    assert len(megabytes) == 5
    assert max(megabytes[name] for name in megabytes if name != "3 png") < 100, done.stdout
    assert megabytes["3 png"] < 500, done.stdout  # 196 MB of RGBA, and as much again while it is averaged down


# What is left alone


def test_arrays_and_pictures_passed_in_are_not_changed(tmp_path: Path) -> None:
    for array in (PAGE, PAGE / 255, painted(PEN), sketched(PEN), (PEN / 255).astype(np.float32)):
        frozen = array.copy()
        frozen.flags.writeable = False
        ink_from(frozen)[...] = 0.5  # raises were the result a view of what arrived
        np.testing.assert_array_equal(frozen, array)
    for mode in MODES:
        picture = in_mode(mode)
        before = picture.tobytes(), picture.size, picture.mode, dict(picture.info)
        ink_from(picture)[...] = 0.5
        assert before == (picture.tobytes(), picture.size, picture.mode, dict(picture.info))
    turned = Image.open(io.BytesIO(encoded(PAGE, "JPEG", exif=Image.Exif())))
    turned.getexif()[0x0112] = 6
    ink_from(turned)
    assert turned.getexif()[0x0112] == 6
    file = io.BytesIO(data := encoded(PAGE))
    ink_from(file)
    assert file.getvalue() == data
    assert not file.closed


def test_every_refusal_is_a_value_error() -> None:
    for kind in (BlankImageError, InvalidImageError, ImageTooLargeError):
        assert issubclass(kind, DigitrecError)
    assert issubclass(DigitrecError, ValueError)
