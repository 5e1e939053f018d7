"""A stripped file to upright pixels of a limited size, by Pillow; and the helper process that does the same.

This file is a module of the package, and a program that `digitrec.decoding.helper` runs by its path. So it imports
nothing but Pillow and the standard library: the helper starts in a tenth of a second and holds 30 MB.
"""

import contextlib
import importlib
import io
import os
import select
import signal
import struct
import sys
import warnings
from typing import BinaryIO, NamedTuple

from PIL import Image

PLUGINS = {"PNG": "Png", "JPEG": "Jpeg", "WEBP": "WebP", "GIF": "Gif", "BMP": "Bmp", "TIFF": "Tiff", "PPM": "Ppm"}
"""Pillow's names of the formats that are read, and of the modules that read them. A list, because some of Pillow's
readers start other programs, and some (ICO, AVIF) unpack a picture larger than the file's header says."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its EXIF orientation."""

BAND_PIXELS = 1_000_000
"""Pixels of a large picture that are converted at once, so that no second copy of all of it is needed."""

REQUEST = struct.Struct("<5sIIIBI")
"""To the helper: the format, the file's length, width, height, orientation, the longest side to keep. The file
follows."""

ANSWER = struct.Struct("<c5sIII")
"""From the helper: how it went, the mode, width, height and the number of bytes that follow."""

READY, DONE, BROKEN, NO_MEMORY = b"r", b"d", b"b", b"m"
LIMITS = struct.Struct("<dQ")
"""To the helper, once: CPU seconds and bytes of memory for a picture."""

PICTURES = 200
"""Pictures after which the helper ends, and another takes its place."""

IDLE_SECONDS = 60
"""How long the helper waits for a picture before it ends."""


class Raster(NamedTuple):
    """Upright pixels.

    Attributes:
        mode: "L", "RGB", "RGBA", "I;16" in any order of bytes, "I" or "F", as Pillow names them.
        size: Width and height.
        data: The pixels, row by row.
    """

    mode: str
    size: tuple[int, int]
    data: bytes


def decode(kind: str, data: bytes, size: tuple[int, int], orientation: int, longest: int) -> Raster:
    """Decode a file.

    Args:
        kind: Pillow's name of its format.
        data: The file, stripped.
        size: The width and height that it was checked for.
        orientation: As EXIF numbers it.
        longest: The longest side, in pixels, to keep; a larger picture is averaged down by a whole factor.

    Raises:
        Exception: Whatever Pillow raises of a broken file.
    """
    if kind not in Image.OPEN:
        importlib.import_module(f"PIL.{PLUGINS[kind]}ImagePlugin")  # or `Image.open` would import all there are
    with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
        if picture.size != size:
            raise ValueError("its decoder finds another size")
        picture.decodermaxblock = len(data)  # in one piece: what waits for more would begin again at each
        picture.draft(None, (longest, longest))  # lets a large JPEG be unpacked at a half, a quarter or an eighth
        return render(picture, orientation, longest)


def render(picture: Image.Image, orientation: int, longest: int) -> Raster:
    """The pixels of a picture, averaged down and turned upright; see `decode`."""
    small = _averaged(picture, -(-max(picture.size) // longest))
    if orientation in TURNS:
        small = small.transpose(TURNS[orientation])
    return Raster(small.mode, small.size, small.tobytes())


def _averaged(picture: Image.Image, factor: int) -> Image.Image:
    picture.load()
    if factor == 1:
        return _converted(picture, _mode(picture))
    mode = "I" if picture.mode.startswith("I;16") else _mode(picture)
    width, height = picture.size
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = max(BAND_PIXELS // (width * factor), 1) * factor
    for top in range(0, height, rows):
        band = _converted(picture.crop((0, top, width, min(top + rows, height))), mode)
        small.paste(band.reduce(factor), (0, top // factor))
    return small


def _mode(picture: Image.Image) -> str:
    """The mode in which nothing is lost that ink may be made of."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return picture.mode
    return "RGBA" if picture.has_transparency_data else "L" if picture.mode in ("1", "L") else "RGB"


def _converted(picture: Image.Image, mode: str) -> Image.Image:
    if picture.mode == "La":  # gray that is multiplied by its opacity: Pillow converts it to this mode alone
        picture = picture.convert("LA")
    return picture if picture.mode == mode else picture.convert(mode)


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Decode pictures as they come, until the other side is gone, nothing has come for a while, or many have."""
    cpu_seconds, memory = LIMITS.unpack(_read(source, LIMITS.size))
    _limit(memory)
    _write(target, READY)
    for _ in range(PICTURES):
        if not select.select([source], [], [], IDLE_SECONDS)[0]:
            return
        kind, length, width, height, orientation, longest = REQUEST.unpack(_read(source, REQUEST.size))
        data = _read(source, length)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)  # which ends the process
        try:
            mode, size, pixels = decode(kind.rstrip(b"\0").decode(), data, (width, height), orientation, longest)
            answer = ANSWER.pack(DONE, mode.encode(), *size, len(pixels))
        except MemoryError:
            _write(target, ANSWER.pack(NO_MEMORY, b"", 0, 0, 0))
            return
        except Exception:  # a broken file makes Pillow's readers raise almost anything, from OSError to IndexError
            pixels, answer = b"", ANSWER.pack(BROKEN, b"", 0, 0, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(target, answer, pixels)


def _limit(memory: int) -> None:
    """Give this process its limits, and make it the first to go where memory runs out."""
    import resource  # not on Windows

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the caller's
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no picture in a core dump
    with contextlib.suppress(OSError, ValueError):  # no Linux
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    with contextlib.suppress(OSError, AttributeError):
        os.nice(2)  # a canvas is answered first


def _write(target: BinaryIO, *parts: bytes) -> None:
    for part in parts:
        target.write(part)
    target.flush()


def _read(source: BinaryIO, count: int) -> bytes:
    data = source.read(count)
    if len(data) < count:
        raise SystemExit  # the other side is gone
    return data


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    serve(sys.stdin.buffer, sys.stdout.buffer)
