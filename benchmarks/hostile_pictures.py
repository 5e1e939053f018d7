"""Files that are valid enough to make a decoder work: for each kind, the worst that fits into the limits.

They are made here, from structure alone; none of them is a picture of anything. `benchmarks.decoding_cost` measures
what each costs and changes them at random, and the tests hold each to its bounds.
"""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

SIDE = 7071
"""Of a square picture of just less than 50 million pixels."""

FULL = 19_900_000
"""Bytes of a file that is as large as it may be."""

Body = Callable[[], bytes]


def bodies() -> dict[str, Body]:
    """What makes each file, by the name of its kind."""
    return {**_png(), **_jpeg(), **_gif(), **_bmp(), **_pnm(), **_webp(), **_tiff()}


# PNG


def chunk(name: bytes, data: bytes) -> bytes:
    """A PNG's chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, pixels: bytes, *, depth: int = 8, colour: int = 0, more: bytes = b"") -> bytes:
    """A PNG of packed pixels. `colour` is 0 gray, 2 RGB, 3 palette, 6 RGBA; with 16 added, it is interlaced."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour % 16, 0, 0, colour // 16)
    parts = [chunk(b"IHDR", header), more, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def rows(width: int, height: int, bits: int, filtered: int = 4) -> bytes:
    """Packed pixels of a PNG, each row under the same filter; 4 is the slowest."""
    packer = zlib.compressobj(1)
    pattern = np.random.default_rng(0).integers(0, 256, 1000, np.uint8)
    row = bytes([filtered]) + np.resize(pattern, (width * bits + 7) // 8).tobytes()
    return b"".join(packer.compress(row) for _ in range(height)) + packer.flush()


def zeros(count: int) -> bytes:
    """So many zeros, packed to a thousandth."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(10**6)) for _ in range(-(-count // 10**6))) + packer.flush()


def _png() -> dict[str, Body]:
    small = zlib.compress(bytes(9 * 8))
    empty = chunk(b"IDAT", b"")
    palette = chunk(b"PLTE", bytes(range(256)) * 3) + chunk(b"tRNS", bytes(range(256)))
    note = chunk(b"zTXt", b"n\0\0" + zeros(900_000))
    profile = chunk(b"iCCP", b"n\0\0" + zeros(900_000))
    return {
        "png of 50 megapixels, gray": lambda: png(SIDE, SIDE, zeros(SIDE * (SIDE + 1))),
        "png of 50 megapixels, RGBA": lambda: png(SIDE, SIDE, zeros(SIDE * (4 * SIDE + 1)), colour=6),
        "png of 50 megapixels, palette": lambda: png(SIDE, SIDE, zeros(SIDE * SIDE), colour=3, more=palette),
        "png of 50 megapixels, 1 bit": lambda: png(SIDE, SIDE, zeros(SIDE * 900), depth=1),
        "png of 50 megapixels, one gray transparent": lambda: png(
            SIDE, SIDE, zeros(10**8), more=chunk(b"tRNS", b"\0\0")
        ),
        "png as large as it may unpack": lambda: png(3990, 3990, rows(3990, 3990, 32), colour=6),
        "png in RGB as large as it may unpack": lambda: png(4610, 4610, rows(4610, 4610, 24), colour=2),
        "png, 16 bits, RGBA": lambda: png(2820, 2820, rows(2820, 2820, 64), depth=16, colour=6),
        "png, 16 bits, gray": lambda: png(5650, 5650, rows(5650, 5650, 16), depth=16),
        "png, interlaced": lambda: png(4610, 4610, zeros(64_000_000), colour=18),
        "png light as can be, RGBA": lambda: png(2049, 2049, rows(2049, 2049, 32), colour=6),
        "png light as can be, 16 bits, interlaced": lambda: png(2049, 2049, zeros(34_000_000), depth=16, colour=22),
        "png light and long": lambda: png(16384, 256, rows(16384, 256, 32), colour=6),
        "png with chunks by the million": lambda: png(8, 8, small, more=chunk(b"abCd", b"") * (FULL // 12)),
        "png with empty pixels by the million": lambda: png(8, 8, small, more=empty * (FULL // 12)),
        "png with notes that unpack": lambda: png(8, 8, small, more=note * 9_000),
        "png with profiles that unpack": lambda: png(8, 8, small, more=profile * 9_000),
        "png with one large note": lambda: png(8, 8, small, more=chunk(b"iTXt", b"n\0\1\0\0\0" + zeros(10**8))),
        "png with EXIF data of a megabyte": lambda: png(8, 8, small, more=chunk(b"eXIf", pointing_tags(10**6))),
        "png with EXIF data again and again": lambda: png(
            8, 8, small, more=chunk(b"eXIf", pointing_tags(60_400)) * 329
        ),
        "png of 50 million by 1": lambda: png(50_000_000, 1, zeros(50_000_001)),
        "png of 1 by 50 million": lambda: png(1, 50_000_000, zeros(100_000_000)),
        "png with a thousand frames": lambda: _apng(1000),
    }


def _apng(frames: int) -> bytes:
    control = struct.pack(">IIIIIHHBB", 0, 512, 512, 0, 0, 1, 1, 2, 1)
    more = chunk(b"acTL", struct.pack(">II", frames, 0)) + chunk(b"fcTL", control)
    pixels = zlib.compress(bytes(513 * 512))
    return png(512, 512, pixels, more=more + (chunk(b"fcTL", control) + chunk(b"fdAT", bytes(4) + pixels)) * frames)


def pointing_tags(size: int, tags: int = 5_000, order: str = "<") -> bytes:
    """EXIF data, or a TIFF, whose tags all point to the same bytes, all that there are."""
    start = 8 + 2 + 12 * tags + 4
    count = max(size - start, 1)
    entries = b"".join(struct.pack(order + "HHII", 40_000 + tag, 1, count, start) for tag in range(tags))
    return b"II*\0" + struct.pack("<IH", 8, tags) + entries + bytes(4) + bytes(count)


# JPEG


def segment(marker: int, data: bytes) -> bytes:
    """A JPEG's segment."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(width: int, height: int, *, more: bytes = b"", **options: Any) -> bytes:
    """A JPEG as an encoder writes it, of noise, its header changed to another size, with more segments before it."""
    side = 64
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    picture = Image.fromarray(pixels).convert(options.pop("mode", "RGB"))
    file = io.BytesIO()
    picture.save(file, "JPEG", **options)
    data = bytearray(file.getvalue())
    place = data.index(struct.pack(">BHH", 8, side, side))
    data[place + 1 : place + 5] = struct.pack(">HH", height, width)
    return bytes(data[:2]) + more + bytes(data[2:])


def many_scans(width: int, height: int, scans: int) -> bytes:
    """A progressive JPEG of the same scan, again and again."""
    data = jpeg(width, height, progressive=True)
    starts = [place for place in range(len(data)) if data[place : place + 2] == b"\xff\xda"]
    last = data[starts[-1] : data.rindex(b"\xff\xd9")]
    return data[: starts[-1]] + last * scans + b"\xff\xd9"


def real_jpeg(width: int, height: int, **options: Any) -> bytes:
    """A JPEG with something in every block."""
    noise = np.random.default_rng(1).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), np.uint8)
    picture = Image.fromarray(noise).resize((width, height), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    picture.save(file, "JPEG", **options)
    return file.getvalue()


def _jpeg() -> dict[str, Body]:
    exif = segment(0xE1, b"Exif\0\0" + pointing_tags(65_000))
    progressive: dict[str, Any] = {"progressive": True, "subsampling": 0, "quality": 50}
    return {
        "jpeg of 50 megapixels": lambda: jpeg(SIDE, SIDE),
        "jpeg of 50 megapixels, CMYK": lambda: jpeg(SIDE, SIDE, mode="CMYK"),
        "jpeg of 50 megapixels, progressive": lambda: jpeg(SIDE, SIDE, progressive=True),
        "jpeg of 48 megapixels, progressive": lambda: jpeg(8000, 6000, progressive=True),
        "jpeg of 48 megapixels, progressive, full": lambda: real_jpeg(8000, 6000, progressive=True, quality=70),
        "jpeg of 24 megapixels, progressive, full": lambda: real_jpeg(4950, 4950, **progressive),
        "jpeg of 48 megapixels, full": lambda: real_jpeg(8000, 6000, quality=80),
        "jpeg of a thousand scans": lambda: many_scans(SIDE, SIDE, 1000),
        "jpeg of a thousand scans, small": lambda: many_scans(1000, 1000, 1000),
        "jpeg of as many scans as allowed": lambda: many_scans(7000, 7000, 14),
        "jpeg narrow and long": lambda: jpeg(2047, 16384),
        "jpeg light as can be": lambda: jpeg(4096, 4096),
        "jpeg light as can be, full": lambda: real_jpeg(4096, 4096, quality=95, subsampling=0),
        "jpeg light and narrow": lambda: jpeg(256, 16384),
        "jpeg with joined EXIF segments": lambda: jpeg(64, 64, more=exif * 300),
        "jpeg with joined profiles": lambda: jpeg(
            64, 64, more=segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(65_000)) * 300
        ),
        "jpeg with small segments": lambda: jpeg(64, 64, more=segment(0xFE, b"") * (FULL // 4)),
        "jpeg with comments": lambda: jpeg(64, 64, more=segment(0xFE, bytes(65_000)) * 300),
        "jpeg with tables": lambda: jpeg(64, 64, more=segment(0xDB, b"\0" + bytes(range(1, 65))) * 9_000),
        "jpeg with junk before its header": lambda: jpeg(64, 64, more=b"\xff\xd0" + bytes(FULL)),
        "jpeg filled up before its header": lambda: jpeg(64, 64, more=b"\xff" * FULL),
        "jpeg filled up in its scan": lambda: jpeg(2000, 2000)[:-40] + b"\xff" * FULL + b"\xff\xd9",
        "jpeg with points to resume at": lambda: (
            jpeg(2000, 2000)[:-40] + b"\xff\xd0\xff\xd1" * (FULL // 4) + b"\xff\xd9"
        ),
        "jpeg with zeros in its scan": lambda: jpeg(2000, 2000)[:-2] + b"\xff\0" * (FULL // 2) + b"\xff\xd9",
        "jpeg with many pictures": lambda: jpeg(512, 512) * 1000,
        "jpeg of 65,535 by 700": lambda: jpeg(65_535, 700),
    }


# GIF


def gif(width: int, height: int, *, more: bytes = b"", flags: int = 0, pixels: bytes = b"\x02\x02\x44\x01\0") -> bytes:
    """A GIF of one picture, with blocks before it."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return screen + more + b"," + struct.pack("<HHHHB", 0, 0, width, height, flags) + pixels + b";"


def full_gif(width: int, height: int, **options: Any) -> bytes:
    """A GIF with all of its pixels."""
    file = io.BytesIO()
    Image.new("P", (width, height)).save(file, "GIF", **options)
    return file.getvalue()


def _gif() -> dict[str, Body]:
    control = b"!\xf9\x04\x0d\0\0\0\0"
    return {
        "gif of 50 megapixels": lambda: full_gif(SIDE, SIDE),
        "gif of 50 megapixels, transparent": lambda: full_gif(SIDE, SIDE, transparency=0),
        "gif of 50 megapixels, interlaced": lambda: full_gif(SIDE, SIDE, interlace=1),
        "gif with one long comment": lambda: gif(8, 8, more=b"!\xfe" + (b"\xff" + bytes(255)) * (FULL // 256) + b"\0"),
        "gif with comments": lambda: gif(8, 8, more=b"!\xfe\1a\0" * (FULL // 5)),
        "gif with controls": lambda: gif(8, 8, more=control * (FULL // 8)),
        "gif with junk": lambda: gif(8, 8, more=b"x" * FULL),
        "gif with zeros": lambda: gif(8, 8, more=b"\0" * FULL),
        "gif in blocks of one byte": lambda: gif(4000, 4000, pixels=b"\x02" + b"\1\x44" * (FULL // 2) + b"\0"),
        "gif with clear codes only": lambda: gif(
            4000, 4000, pixels=b"\x02" + (b"\xff" + b"\x24\x49\x92" * 85) * 77_000
        ),
        "gif with a million frames": lambda: gif(64, 64) + (gif(64, 64)[19:-1]) * (FULL // 15),
        "gif with a small screen": lambda: gif(8, 8, more=b"," + struct.pack("<HHHHB", 0, 0, SIDE, SIDE, 0) + b"\2\0"),
    }


# BMP and PNM


def bmp(width: int, height: int, bits: int, coding: int, pixels: bytes, start: int = 54) -> bytes:
    """A BMP."""
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, coding, len(pixels), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + header + pixels


def _bmp() -> dict[str, Body]:
    far = b"\0\2\xff\xff" * 16
    return {
        "bmp of run lengths that skip": lambda: bmp(SIDE, SIDE, 8, 1, far + b"\0\1"),
        "bmp of run lengths that skip 50 million": lambda: bmp(50_000_000, 1, 8, 1, b"\0\2\0\x28\0\1"),
        "bmp of 66 bytes": lambda: (
            bytes.fromhex("424d42000000000000003e0000002800000080f0fa020100000001000800010000000400")
            + bytes.fromhex("0000130b0000130b0000020000000000000000000000ffffff0000020028")
        ),
        "bmp of run lengths that end lines": lambda: bmp(SIDE, SIDE, 8, 1, b"\0\0" * SIDE),
        "bmp of run lengths of 4 bits": lambda: bmp(SIDE, SIDE, 4, 2, b"\0\0" * SIDE),
        "bmp of 50 megapixels, cut off": lambda: bmp(SIDE, SIDE, 24, 0, b""),
        "bmp of 50 megapixels, 1 bit": lambda: bmp(SIDE, SIDE, 1, 0, bytes(SIDE * 888)),
        "bmp of 20 million bytes": lambda: bmp(2570, 2570, 24, 0, bytes(2570 * 7712)),
        "bmp of 50 million by 1": lambda: bmp(50_000_000, 1, 1, 0, bytes(6_250_000)),
        "bmp of 1 by 50 million": lambda: bmp(1, 50_000_000, 1, 0, bytes(FULL)),
        "bmp with a large palette": lambda: bmp(8, 8, 8, 0, bytes(FULL))[:46] + struct.pack("<I", 65_536) + bytes(FULL),
        "bmp with a large header": lambda: b"BM" + struct.pack("<IHHII", 0, 0, 0, 0, 2**31) + bytes(FULL),
    }


def _pnm() -> dict[str, Body]:
    return {
        "pgm with comments in its header": lambda: b"P5\n" + b"#\n" * (FULL // 2) + b"8 8 255\n" + bytes(64),
        "pgm with a long comment": lambda: b"P5\n#" + b"x" * FULL + b"\n8 8 255\n" + bytes(64),
        "pgm with an odd largest value": lambda: b"P5 4400 4400 254\n" + bytes(4400 * 4400),
        "pgm as text": lambda: b"P2 3100 3100 255\n" + b"0 " * 3100 * 3100,
        "pgm as text with comments": lambda: b"P2 3100 3100 255\n" + b"#\n" * (FULL // 2),
        "pbm as text": lambda: b"P1 4400 4400\n" + b"0" * 4400 * 4400,
        "pbm of 50 megapixels": lambda: b"P4 7071 7071\n" + bytes(884 * 7071),
        "ppm of 20 million bytes": lambda: b"P6 2500 2500 255\n" + bytes(2500 * 2500 * 3),
        "pgm of 16 bits": lambda: b"P5 3100 3100 65535\n" + bytes(3100 * 3100 * 2),
        "pgm of 16 bits, cut off": lambda: b"P5 7071 7071 65535\n",
        "pfm": lambda: b"Pf 2200 2200 -1.0\n" + bytes(2200 * 2200 * 4),
        "pnm of Pillow's own": lambda: b"PyCMYK 2200 2200 255\n" + bytes(2200 * 2200 * 4),
        "pbm of 50 million by 1": lambda: b"P4 50000000 1\n" + bytes(6_250_000),
        "pbm of 1 by 20 million": lambda: b"P4 1 19900000\n" + bytes(FULL),
    }


# WebP


def riff(*chunks: bytes) -> bytes:
    """A WebP of chunks."""
    body = b"WEBP" + b"".join(part + b"\0" * (len(part) % 2) for part in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def part(name: bytes, data: bytes) -> bytes:
    """A chunk of a WebP."""
    return name + struct.pack("<I", len(data)) + data


def one_colour_webp(width: int, height: int) -> bytes:
    """A lossless WebP of one colour: five codes of a single value, and not a bit a pixel."""
    bits, place = 0, 0
    for value, count in ((0x2F, 8), (width - 1, 14), (height - 1, 14), (1, 1), (0, 3), (0, 1), (0, 1), (0, 1)):
        bits |= value << place
        place += count
    for _ in range(5):  # a simple code of one value of one bit, 0
        bits |= 0b0001 << place
        place += 4
    return part(b"VP8L", bits.to_bytes((place + 7) // 8 + 4, "little"))


def webp(width: int, height: int, **options: Any) -> bytes:
    """A WebP with something in every pixel, without the header of the file."""
    noise = np.random.default_rng(1).integers(0, 256, (height // 8 + 1, width // 8 + 1, 4), np.uint8)
    picture = Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST)
    file = io.BytesIO()
    picture.save(file, "WEBP", method=0, **options)
    return file.getvalue()


def _canvas(width: int, height: int, flags: int = 0x1E) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return part(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


def _webp() -> dict[str, Body]:
    small = one_colour_webp(64, 64)
    frame = part(b"ANMF", bytes(6) + b"\x3f\0\0\x3f\0\0" + bytes(4) + small)
    settings = part(b"ANIM", bytes(6))
    return {
        "webp of 50 megapixels, one colour": lambda: riff(one_colour_webp(SIDE, SIDE)),
        "webp of 34 bytes": lambda: bytes.fromhex(
            "524946461a000000574542505650384c0d0000002f9e9be716071011118888fe0700"
        ),
        "webp of 268 megapixels, one colour": lambda: riff(one_colour_webp(16_383, 16_383)),
        "webp of 12 megapixels, one colour": lambda: riff(one_colour_webp(3535, 3535)),
        "webp of 12 megapixels, lossless": lambda: webp(3535, 3535, lossless=True),
        "webp of 12 megapixels, lossy": lambda: webp(3535, 3535, quality=80),
        "webp with a large canvas": lambda: riff(_canvas(16_777_216, 16_777_216), settings, frame),
        "webp with a canvas of 12 megapixels": lambda: riff(_canvas(3535, 3535), settings, frame),
        "webp with a large picture in a small canvas": lambda: riff(_canvas(64, 64, 0), one_colour_webp(SIDE, SIDE)),
        "webp with frames by the ten thousand": lambda: riff(_canvas(64, 64), settings, *[frame] * 9_000),
        "webp with frames by the hundred thousand": lambda: riff(_canvas(64, 64), settings, *[frame] * 300_000),
        "webp with a profile of 20 MB": lambda: riff(_canvas(64, 64, 0x20), part(b"ICCP", bytes(FULL)), small),
        "webp with EXIF data": lambda: riff(_canvas(64, 64, 8), small, part(b"EXIF", pointing_tags(10**7))),
        "webp with EXIF data again and again": lambda: riff(
            _canvas(64, 64, 8), small, *[part(b"EXIF", pointing_tags(60_400))] * 329
        ),
        "webp with empty chunks by the million": lambda: riff(
            _canvas(64, 64, 0), small, part(b"abcd", b"") * 2_000_000
        ),
    }


# TIFF


def tiff(*tags: tuple[int, int, int, int], data: bytes = b"", order: str = "<") -> bytes:
    """A TIFF. A tag is number, type, count and value; what values point to lies in `data`, from byte 8 on."""
    entries = b"".join(struct.pack(order + "HHII", *tag) for tag in sorted(tags))
    start = 8 + len(data)
    return b"II*\0" + struct.pack("<I", start) + data + struct.pack("<H", len(tags)) + entries + bytes(4)


def _tags(width: int, height: int, coding: int, bits: int = 8, colours: int = 1) -> list[tuple[int, int, int, int]]:
    sizes = [(256, 4, 1, width), (257, 4, 1, height)]
    return [*sizes, (258, 3, 1, bits), (259, 3, 1, coding), (262, 3, 1, colours), (277, 3, 1, 1)]


def in_one_strip(width: int, height: int, coding: int, data: bytes, bits: int = 8) -> bytes:
    """A TIFF of one strip."""
    strip = [(273, 4, 1, 8), (278, 4, 1, height), (279, 4, 1, len(data))]
    return tiff(*_tags(width, height, coding, bits), *strip, data=data)


def in_strips(width: int, height: int, coding: int, data: bytes, *, apart: bool, lengths: int = 0) -> bytes:
    """A TIFF of a strip a row, all of which are the same bytes, where they lie or written again and again."""
    start = 8 + 8 * height
    places = [start + (row * len(data) if apart else 0) for row in range(height)]
    table = struct.pack(f"<{height}I", *places) + struct.pack("<I", lengths or len(data)) * height
    strips = [(273, 4, height, 8), (278, 4, 1, 1), (279, 4, height, 8 + 4 * height)]
    return tiff(*_tags(width, height, coding), *strips, data=table + data * (height if apart else 1))


def encoded_tiff(width: int, height: int, mode: str, coding: str) -> bytes:
    """A TIFF as an encoder writes it, of noise."""
    noise = np.random.default_rng(1).integers(0, 256, (height // 32 + 1, width // 32 + 1, 3), np.uint8)
    picture = Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST).convert(mode)
    file = io.BytesIO()
    picture.save(file, "TIFF", compression=coding)
    return file.getvalue()


def _tiff() -> dict[str, Body]:
    odd = [(60_000 + tag, 2, 1, 0) for tag in range(3_900)]
    scans = many_scans(2000, 2000, 1000)
    return {
        "tiff of tags that nobody knows": lambda: tiff(*_tags(8, 8, 5), *odd, (273, 4, 1, 8), data=bytes(64)),
        "tiff of tags that point to a megabyte": lambda: pointing_tags(10**6),
        "tiff of tags with many values": lambda: tiff(
            *_tags(8, 8, 1),
            *[(tag, 4, 65_536, 8) for tag in (266, 273, 278, 279, 284, 320, 338, 339)],
            data=bytes(262_144),
        ),
        "tiff of 65,535 tags": lambda: pointing_tags(10**7, 65_535 - 40_000),
        "tiff of 49 MB, deflate": lambda: in_one_strip(7000, 7000, 8, zeros(49_000_000)),
        "tiff of 64 MB, LZW": lambda: encoded_tiff(4600, 4600, "RGB", "tiff_lzw"),
        "tiff of 49 MB, PackBits": lambda: in_one_strip(7000, 7000, 32773, b"\x81\0" * 500_000),
        "tiff of 40 megapixels, fax": lambda: in_one_strip(6320, 6320, 4, bytes(10**6), 1),
        "tiff of 40 megapixels, fax, full": lambda: encoded_tiff(6320, 6320, "1", "group4"),
        "tiff of 40 megapixels, fax of 1988": lambda: in_one_strip(6320, 6320, 3, b"\xaa" * FULL, 1),
        "tiff of 50 megapixels, fax": lambda: in_one_strip(SIDE, SIDE, 4, bytes(1000), 1),
        "tiff of 50 megapixels, cut off": lambda: in_one_strip(SIDE, SIDE, 1, b""),
        "tiff of strips by the ten thousand": lambda: in_strips(1000, 16_384, 1, bytes(1000), apart=True),
        "tiff of deflated strips": lambda: in_strips(3000, 16_384, 8, zlib.compress(bytes(3000)), apart=True),
        "tiff of packed strips": lambda: in_strips(1000, 16_384, 5, b"\x80\0\0\0", apart=True),
        "tiff of strips that are the same": lambda: in_strips(1000, 16_384, 1, bytes(1000), apart=False),
        "tiff of deflated strips that are the same": lambda: in_strips(1000, 16_384, 8, b"x" * 10**6, apart=False),
        "tiff of strips that overlap": lambda: in_strips(1000, 16_384, 5, bytes(FULL - 200_000), apart=False),
        "tiff of strips without an end": lambda: in_strips(99, 16_384, 5, bytes(99), apart=True, lengths=2**31),
        "tiff of more strips than rows": lambda: in_strips(1, 16_384, 1, b"\0", apart=True).replace(
            struct.pack("<HHII", 257, 4, 1, 16_384), struct.pack("<HHII", 257, 4, 1, 8)
        ),
        "tiff of a thousand scans": lambda: in_one_strip(2000, 2000, 7, scans),
        "tiff that names itself as the next": lambda: in_one_strip(8, 8, 1, bytes(64))[:-4] + struct.pack("<I", 72),
        "tiff of 50 million by 1": lambda: in_one_strip(50_000_000, 1, 1, bytes(64)),
        "tiff of 1 by 50 million": lambda: in_one_strip(1, 50_000_000, 8, zeros(50_000_000)),
    }
