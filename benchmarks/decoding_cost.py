"""Look for a picture that costs more than any may: hostile files, changed at random, the expensive ones kept.

It begins with the files of `benchmarks.hostile_pictures` and with honest ones. Each turn takes one of the costliest so
far, changes numbers in it, repeats, cuts or swaps parts, and measures what the outcome costs to answer or to refuse.
What goes over the bounds is measured twice more, kept if it does so each time, and makes the exit status 1.
"""

import argparse
import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from PIL import Image

from benchmarks.hostile_pictures import bodies
from digitrec.decoding import MAX_BYTES

SECONDS, MEGABYTES = 1.0, 300.0
"""The bounds: CPU time of all processes together, memory that they grew by together."""

POPULATION = 200
"""Files that are kept to be changed further."""

NUMBERS = (0, 1, 2, 7, 8, 24, 32, 255, 256, 1023, 4096, 7071, 16_383, 16_384, 65_535, 2**24 - 1, 2**31 - 1, 2**32 - 1)
"""What numbers are replaced by: where limits are, and where types end."""

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF")


@dataclass(frozen=True)
class Cost:
    """What a picture cost.

    Attributes:
        outcome: "answered", or the error's name and message.
        seconds: CPU time of all processes together.
        megabytes: What all processes grew by together.
    """

    outcome: str
    seconds: float
    megabytes: float

    @property
    def share(self) -> float:
        """The larger share of its bound that time or memory takes; more than 1 is too much."""
        return max(self.seconds / SECONDS, self.megabytes / MEGABYTES)


class Meter:
    """Measures pictures in another process; a context manager."""

    def __init__(self, *, apart: bool = False) -> None:
        """Start it.

        Args:
            apart: Whether each picture has processes of its own, whose start is part of what it costs: slower by far.
        """
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "picture"
        self._path.write_bytes(small("PNG"))
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "benchmarks.picture_cost",
            "apart" if apart else "here",
            str(self._path),
        ]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def measure(self, data: bytes) -> Cost:
        """Let a picture be answered or refused."""
        assert self._process.stdin
        assert self._process.stdout
        self._path.write_bytes(data)
        self._process.stdin.write(f"{self._path}\n")
        self._process.stdin.flush()
        return Cost(**json.loads(self._process.stdout.readline()))


def small(kind: str, **options: object) -> bytes:
    """An honest picture of noise, 64x48, in Pillow's format `kind`."""
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def beginnings() -> Iterator[bytes]:
    """What is changed first."""
    for kind in ("TIFF", *FORMATS):  # the first one starts the helper
        yield small(kind)
    yield small("JPEG", progressive=True)
    for coding in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        yield small("TIFF", compression=coding)
    yield small("WEBP", lossless=True)
    for make in bodies().values():
        yield make()[:MAX_BYTES]


def changed(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """A file with one to four changes, most of them where its structure is: near its beginning."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice((_renumbered, _repeated, _cut, _swapped, _filled))(data, other, chance)
    return data[:MAX_BYTES]


def _place(data: bytes, chance: random.Random) -> int:
    return chance.randrange(max(1, min(len(data), chance.choice((40, 200, 2000, len(data) or 1)))))


def _renumbered(data: bytes, other: bytes, chance: random.Random) -> bytes:
    place, size = _place(data, chance), chance.choice((1, 2, 4))
    number = chance.choice(NUMBERS) if chance.random() < 0.8 else chance.getrandbits(8 * size)
    written: bytes = (number % 256**size).to_bytes(size)
    return data[:place] + (written if chance.random() < 0.5 else written[::-1]) + data[place + size :]


def _repeated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    start = _place(data, chance)
    length = chance.choice((1, 2, 4, 12, chance.randint(1, 300), chance.randint(1, 70_000)))
    times = chance.choice((2, 20, 1000, 100_000, MAX_BYTES))
    part = data[start : start + length] or b"\0"
    times = min(times, (MAX_BYTES - len(data)) // len(part))
    return data[:start] + part * times + data[start:]


def _cut(data: bytes, other: bytes, chance: random.Random) -> bytes:
    start = _place(data, chance)
    return data[:start] + data[start + chance.choice((1, 4, chance.randint(1, 300), len(data))) :]


def _swapped(data: bytes, other: bytes, chance: random.Random) -> bytes:
    start, length = _place(other, chance), chance.randint(1, 2000)
    place = _place(data, chance)
    return data[:place] + other[start : start + length] + data[place + chance.choice((0, length)) :]


def _filled(data: bytes, other: bytes, chance: random.Random) -> bytes:
    start = _place(data, chance)
    part = chance.choice((b"\0", b"\xff", b"\xff\0", b"\x80", chance.randbytes(3)))
    return data[:start] + part * (chance.choice((100, 10_000, MAX_BYTES - len(data))) // len(part)) + data[start:]


def search(minutes: float, seed: int, keep: Path | None) -> int:
    """Look for files over the bounds, for so long. Returns how many there are."""
    chance = random.Random(seed)
    end = time.monotonic() + 60 * minutes
    population: list[tuple[float, bytes]] = []
    tried, found, dearest = 0, 0, Cost("", 0, 0)
    with Meter() as meter:
        waiting = beginnings()
        while (data := next(waiting, None)) is not None or time.monotonic() < end:
            if data is None:
                rank = min(int(chance.expovariate(0.05)), len(population) - 1)
                data = changed(population[rank][1], chance.choice(population)[1], chance)
            elif time.monotonic() >= end:
                break
            cost = meter.measure(data)
            tried += 1
            if cost.share > 1:  # a busy machine makes everything dearer now and then
                cost = min(cost, meter.measure(data), meter.measure(data), key=lambda each: each.share)
            if cost.share > dearest.share:
                dearest = cost
            if cost.share > 1 or cost.outcome == "crashed":
                found += 1
                print(f"{cost.seconds:.2f} s, {cost.megabytes:.0f} MB, {len(data):,} bytes: {cost.outcome}", flush=True)
                if keep:
                    (keep / f"{seed}-{tried}").write_bytes(data)
            population.append((cost.share, data))
            population.sort(key=lambda each: -each[0])
            del population[POPULATION:]
    print(f"{tried:,} files, {found} over {SECONDS} s or {MEGABYTES:.0f} MB; the dearest: {dearest}")
    return found


def main(argv: list[str] | None = None) -> int:
    """Run the search. Returns the exit status: 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decoding_cost", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to look (default: 10)")
    parser.add_argument("--seed", type=int, default=0, help="of the changes (default: 0)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write what is over the bounds to this folder")
    flags = parser.parse_args(argv)
    if flags.keep and not flags.keep.is_dir():
        parser.error(f"--keep {flags.keep}: there is no such folder")
    return 1 if search(flags.minutes, flags.seed, flags.keep) else 0


if __name__ == "__main__":
    sys.exit(main())
