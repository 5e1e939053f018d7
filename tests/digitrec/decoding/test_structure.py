"""What is taken out of a file before it is decoded, what is refused, and in which words."""

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.hostile_pictures import chunk, jpeg, part, png, riff, segment, tiff, zeros
from digitrec import DigitrecError, ImageTooLargeError, InvalidImageError
from digitrec.decoding import pixels_from
from digitrec.decoding.limits import CPU_SECONDS, MAX_JPEG_SCANS
from digitrec.decoding.structure import strip
from digitrec.decoding.structure.exif import orientation_of
from tests.support.drawings import drawing, encoded, painted, sketched

PAGE = 255 - drawing(4, size=40, thickness=5, canvas=(60, 50))
COLOURED = painted(255 - PAGE, (20, 40, 200), (250, 230, 60))
CLEAR = sketched(255 - PAGE)

HONEST: dict[str, Callable[[], bytes]] = {
    "PNG": lambda: encoded(PAGE),
    "PNG, RGBA": lambda: encoded(CLEAR),
    "PNG, palette": lambda: encoded(Image.fromarray(COLOURED).quantize(16), transparency=3),
    "PNG, 16 bits": lambda: encoded(PAGE.astype(np.uint16) * 257),
    "PNG, 1 bit": lambda: encoded(Image.fromarray(PAGE > 127)),
    "PNG, animated": lambda: encoded(Image.fromarray(PAGE), save_all=True, append_images=[Image.fromarray(255 - PAGE)]),
    "JPEG": lambda: encoded(COLOURED, "JPEG"),
    "JPEG, gray": lambda: encoded(PAGE, "JPEG"),
    "JPEG, progressive": lambda: encoded(COLOURED, "JPEG", progressive=True),
    "JPEG, CMYK": lambda: encoded(Image.fromarray(COLOURED).convert("CMYK"), "JPEG"),
    "JPEG, two": lambda: encoded(COLOURED, "MPO", save_all=True, append_images=[Image.fromarray(255 - COLOURED)]),
    "JPEG, of RGB": lambda: encoded(COLOURED, "JPEG", keep_rgb=True),
    "GIF": lambda: encoded(PAGE, "GIF"),
    "GIF, animated": lambda: encoded(PAGE, "GIF", save_all=True, append_images=[Image.fromarray(255 - PAGE)]),
    "GIF, transparent": lambda: encoded(
        Image.fromarray(COLOURED).quantize(16), "GIF", transparency=3, comment=b"a" * 999
    ),
    "WebP, lossy": lambda: encoded(COLOURED, "WEBP", quality=80),
    "WebP, lossless": lambda: encoded(COLOURED, "WEBP", lossless=True),
    "WebP, with opacity": lambda: encoded(CLEAR, "WEBP", quality=80, icc_profile=b"a profile"),
    "WebP, animated": lambda: encoded(
        Image.fromarray(COLOURED), "WEBP", save_all=True, append_images=[Image.fromarray(255 - COLOURED)]
    ),
    "BMP": lambda: encoded(COLOURED, "BMP"),
    "BMP, 1 bit": lambda: encoded(Image.fromarray(PAGE > 127), "BMP"),
    "BMP, palette": lambda: encoded(Image.fromarray(COLOURED).quantize(16), "BMP"),
    "BMP, RGBA": lambda: encoded(CLEAR, "BMP"),
    "PBM": lambda: encoded(Image.fromarray(PAGE > 127), "PPM"),
    "PGM": lambda: encoded(PAGE, "PPM"),
    "PGM, 16 bits": lambda: encoded(PAGE.astype(np.uint16) * 257, "PPM"),
    "PPM": lambda: encoded(COLOURED, "PPM").replace(b"P6\n", b"P6\n# a comment\n"),
    "TIFF": lambda: encoded(COLOURED, "TIFF"),
    "TIFF, 16 bits": lambda: encoded(PAGE.astype(np.uint16) * 257, "TIFF"),
    "TIFF, floats": lambda: encoded((PAGE / 255).astype(np.float32), "TIFF"),
    "TIFF, RGBA": lambda: encoded(CLEAR, "TIFF"),
    "TIFF, palette": lambda: encoded(Image.fromarray(COLOURED).quantize(16), "TIFF"),
    "TIFF, LZW": lambda: encoded(COLOURED, "TIFF", compression="tiff_lzw"),
    "TIFF, deflate": lambda: encoded(COLOURED, "TIFF", compression="tiff_adobe_deflate"),
    "TIFF, JPEG": lambda: encoded(COLOURED, "TIFF", compression="jpeg"),
    "TIFF, PackBits": lambda: encoded(COLOURED, "TIFF", compression="packbits"),
    "TIFF, fax": lambda: encoded(Image.fromarray(PAGE > 127), "TIFF", compression="group4"),
    "TIFF, strips": lambda: encoded(COLOURED, "TIFF", tiffinfo={278: 7}),
    "TIFF, of many pages": lambda: encoded(
        Image.fromarray(PAGE), "TIFF", save_all=True, append_images=[Image.fromarray(255 - PAGE)]
    ),
}


def by_pillow(data: bytes) -> np.ndarray[Any, Any]:
    """What Pillow makes of the whole file, metadata and all."""
    with Image.open(io.BytesIO(data)) as picture:
        if picture.mode in ("I", "F", "I;16"):
            return np.asarray(picture)
        mode = "RGBA" if picture.has_transparency_data else "L" if picture.mode in ("1", "L") else "RGB"
        return np.asarray(picture.convert(mode))


@pytest.mark.parametrize("kind", HONEST)
def test_what_is_left_of_a_file_has_the_same_pixels(kind: str) -> None:
    data = HONEST[kind]()
    pixels, expected = pixels_from(data), by_pillow(data)
    np.testing.assert_array_equal(pixels.astype(expected.dtype), expected)


def words(data: bytes) -> str:
    with pytest.raises(DigitrecError) as refusal:
        pixels_from(data)
    message = str(refusal.value)
    assert message.isprintable()
    assert len(message) < 250
    return message


# Metadata


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF"])
def test_a_decoder_sees_no_metadata(kind: str) -> None:
    secret = b"taken at 52.5163, 13.3777"
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    options: dict[str, Any] = {"comment": secret} if kind == "GIF" else {"exif": exif, "icc_profile": secret}
    data = encoded(COLOURED, kind, **options)
    assert secret in data
    left = strip(data)
    assert left
    if kind != "TIFF":  # whose strips stay where they are, and nothing points to the rest
        assert secret not in left.data
    assert by_pillow(left.data).shape[:2] == PAGE.shape
    with Image.open(io.BytesIO(left.data)) as picture:
        assert not set(picture.info) & {"exif", "icc_profile", "comment"}
        assert 0x010E not in picture.getexif()


@pytest.mark.parametrize("orientation", range(9))
def test_of_exif_data_the_orientation_is_read(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x0131] = "maker", orientation, "program"
    assert orientation_of(exif.tobytes()) == max(orientation, 1)
    assert orientation_of(exif.tobytes().removeprefix(b"Exif\0\0")) == max(orientation, 1)


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"Exif\0\0",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0" + struct.pack("<IH", 8, 9),
        b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 3, 1, 9),
        b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 4, 1, 6),
        b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 3, 2, 6),
        b"II*\0" + struct.pack("<I", 70_000) + bytes(70_000),
    ],
)
def test_broken_exif_data_turn_nothing(exif: bytes) -> None:
    assert orientation_of(exif) == 1


# What is refused


def test_a_picture_that_unpacks_to_too_much() -> None:
    assert "unpacks to 145 MB; at most 64 are read" in words(png(6000, 6000, zeros(10**6), colour=6))
    assert "scale it down first" in words(jpeg(7071, 7071, progressive=True))


@pytest.mark.parametrize("size", [(20_000, 1), (1, 20_000)])
def test_a_side_that_is_too_long(size: tuple[int, int]) -> None:
    for data in (png(*size, b""), jpeg(*size), b"P5 %d %d 255\n" % size + bytes(20_000)):
        assert "a side of at most 16,384 is read, so crop it first" in words(data)


def test_a_jpeg_of_more_scans_than_any_encoder_makes() -> None:
    data = jpeg(64, 64, progressive=True)
    scans = data[data.index(b"\xff\xda") : -2]
    assert data.count(b"\xff\xda") <= MAX_JPEG_SCANS // 2
    assert "more than 24 scans" in words(data[:-2] + scans * 20 + data[-2:])


@pytest.mark.parametrize("frame", [0xC3, 0xC9, 0xCA])
def test_a_jpeg_of_a_rare_kind(frame: int) -> None:
    assert "a JPEG of a rare kind" in words(jpeg(64, 64).replace(b"\xff\xc0", bytes([0xFF, frame])))


def test_a_jpeg_with_two_frames() -> None:
    frame = segment(0xC0, b"\x08" + struct.pack(">HHB", 64, 64, 1) + b"\1\x11\0")
    assert "it has two frames" in words(jpeg(64, 64, more=frame))


def test_a_tiff_with_a_tag_twice() -> None:
    strip = [(273, 4, 1, 8), (278, 4, 1, 8), (279, 4, 1, 64)]
    sizes = [(256, 4, 1, 8), (256, 4, 1, 8000), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    assert "it has tag 256 twice" in words(tiff(*sizes, *strip, data=bytes(64)))


def test_a_plain_tiff_may_leave_out_how_long_its_strips_are() -> None:
    data = encoded(PAGE, "TIFF", tiffinfo={278: 7})
    lengths = struct.pack("<HHI", 279, 4, -(-len(PAGE) // 7))
    assert lengths in data
    np.testing.assert_array_equal(pixels_from(data.replace(lengths, struct.pack("<HHI", 60_000, 4, 1))), PAGE)


@pytest.mark.parametrize("coding", [6, 34925, 50000, 50001])
def test_a_tiff_in_a_rare_coding(coding: int) -> None:
    strip = [(273, 4, 1, 8), (278, 4, 1, 8), (279, 4, 1, 64)]
    sizes = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, coding), (262, 3, 1, 1)]
    assert f"a TIFF in coding number {coding} is not read" in words(tiff(*sizes, *strip, data=bytes(64)))


def test_a_pnm_that_pillow_decodes_in_python() -> None:
    for data in (b"P2 2 2 255\n0 9 9 0", b"P5 2 2 254\n1234", b"P6 1 1 65535\n123456", b"Pf 1 1 -1.0\n1234"):
        assert "only the binary kinds" in words(data)


def test_a_picture_larger_than_its_frame_says() -> None:
    """Two places name the size of a picture; what is decoded must be what was checked."""
    lossless = encoded(COLOURED, "WEBP", lossless=True)[12:]
    with pytest.raises(InvalidImageError):
        pixels_from(riff(part(b"VP8X", bytes(4) + b"\1\0\0\1\0\0"), lossless))
    huge = b"," + struct.pack("<HHHHB", 60_000, 60_000, 2, 2, 0) + b"\x02\x02\x44\x01\0;"
    with pytest.raises(ImageTooLargeError):
        pixels_from(encoded(PAGE, "GIF")[:13] + bytes(768) + huge)


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP", b"tEXt", b"abCd", b"PLTE"])
def test_what_a_png_holds_beside_its_pixels_costs_no_look(name: bytes) -> None:
    data = encoded(PAGE)
    noted = data[:33] + chunk(name, b"n\0\0" + zeros(10**6)[:600]) * 20 + data[33:]
    np.testing.assert_array_equal(pixels_from(noted), PAGE)


def test_the_limit_is_named_in_words() -> None:
    assert CPU_SECONDS < 1


# Formats that are not read

NAMED = {
    "HEIC": (
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
        "a HEIC picture, which is not read; save or export it as JPEG",
    ),
    "HEIF, by a later brand": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(200), "a HEIC picture"),
    "AVIF": (encoded(COLOURED, "AVIF"), "an AVIF picture, which is not read; save or export it as JPEG"),
    "AVIF, by a later brand": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif" + bytes(200), "an AVIF picture"),
    "video": (b"\0\0\0\x14ftypisom\0\0\0\0isommp41", "a video"),
    "PDF": (b"%PDF-1.7\n", "a PDF document"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
    "SVG after XML": (b"<?xml version='1.0'?>\n<!-- by hand -->\n<svg>", "an SVG drawing"),
    "HTML": (b"<!DOCTYPE html><html>", "a web page"),
    "JPEG 2000": (encoded(COLOURED, "JPEG2000"), "a JPEG 2000 picture"),
    "JPEG 2000, bare": (encoded(COLOURED, "JPEG2000", no_jp2=True), "a JPEG 2000 picture"),
    "ICO": (encoded(COLOURED, "ICO"), "an icon (ICO)"),
    "TGA": (encoded(COLOURED, "TGA"), "a TGA picture"),
    "Photoshop": (b"8BPS\0\1", "a Photoshop document"),
    "gzip": (b"\x1f\x8b\x08\0", "a gzip archive"),
    "ZIP": (b"PK\x03\x04", "a ZIP archive or an office document"),
    "a data URL": (b"data:image/png;base64,iVBORw0KGgo", "a picture in base64 text, which is not read; decode it"),
    "base64": (b"iVBORw0KGgoAAAANSUhEUg", "a picture in base64 text"),
    "NumPy's own": (b"\x93NUMPY\1\0", "a NumPy file"),
}


@pytest.mark.parametrize("kind", NAMED)
def test_a_format_that_is_not_read_is_named(kind: str) -> None:
    data, expected = NAMED[kind]
    assert words(data).startswith(f"this is {expected}")
