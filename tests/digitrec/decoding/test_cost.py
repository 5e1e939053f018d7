"""No picture costs more than it may, whatever it holds: CPU time and memory of all processes, measured in a child."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import decoding_cost
from benchmarks.decoding_cost import MEGABYTES, SECONDS, Cost, Meter
from benchmarks.hostile_pictures import bodies, gif
from digitrec.decoding import MAX_BYTES
from tests.support.drawings import drawing, encoded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measured in /proc")

BODIES = bodies()
BUSY = 1.6
"""How much more CPU time the same work may take where the machine is busy and its cores share their caches."""


@pytest.fixture(scope="module")
def meter() -> Iterator[Meter]:
    with Meter(apart=True) as running:
        yield running


@pytest.mark.parametrize("kind", BODIES)
def test_a_hostile_file_is_answered_or_refused_within_bounds(kind: str, meter: Meter) -> None:
    data = BODIES[kind]()
    assert len(data) <= MAX_BYTES
    cost = meter.measure(data)
    assert cost.outcome.split(":")[0] in ("answered", "BlankImageError", "InvalidImageError", "ImageTooLargeError")
    assert cost.seconds < SECONDS * BUSY, cost
    assert cost.megabytes < MEGABYTES, cost


HONEST = [
    ("JPEG", (4032, 3024), {"quality": 90}),
    ("JPEG", (4032, 3024), {"quality": 90, "progressive": True}),
    ("JPEG", (8000, 6000), {"quality": 75}),
    ("JPEG", (8000, 6000), {"quality": 75, "progressive": True}),
    ("PNG", (4032, 3024), {"compress_level": 1}),
    ("WEBP", (4032, 3024), {"quality": 80, "method": 0}),
    ("TIFF", (2500, 2500), {}),
    ("GIF", (4032, 3024), {}),
]


@pytest.mark.parametrize(("kind", "size", "options"), HONEST, ids=[f"{kind} {size[0]}" for kind, size, _ in HONEST])
def test_a_photograph_of_a_digit_is_answered(
    kind: str, size: tuple[int, int], options: dict[str, object], meter: Meter
) -> None:
    page = 255 - drawing(4, size=size[1] / 2, thickness=size[1] / 20, canvas=size)
    cost = meter.measure(encoded(page, kind, **options))
    assert cost.outcome == "answered"
    assert cost.megabytes < MEGABYTES, cost


def test_the_search_keeps_what_is_over_the_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Dear(Meter):
        def measure(self, data: bytes) -> Cost:
            return Cost("answered", 9.0 if data.startswith(b"GIF") else 0.1, 20)

    monkeypatch.setattr(decoding_cost, "Meter", Dear)
    monkeypatch.setattr(decoding_cost, "bodies", lambda: {"gif": lambda: gif(8, 8)})
    assert decoding_cost.main(["--minutes", "0.01", "--keep", str(tmp_path)]) == 1
    kept = [path.read_bytes() for path in tmp_path.iterdir()]
    assert kept
    assert all(data.startswith(b"GIF") for data in kept)


@pytest.mark.slow
def test_a_short_search_finds_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.decoding_cost", "--minutes", "0.25", "--seed", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


WARNINGS = """
import json, pathlib, random, sys
from digitrec.decoding import pixels_from
from digitrec.errors import DigitrecError

def kept():
    return sum(len(getattr(module, "__warningregistry__", {})) for module in list(sys.modules.values()))

chance = random.Random(0)
files = [pathlib.Path(path).read_bytes() for path in sys.argv[1:]]
counts = []
for turn in range(2):
    for data in files * 100:
        data = bytearray(data)
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            pixels_from(bytes(data))
        except DigitrecError:
            pass
    counts.append(kept())
print(json.dumps(counts))
"""


def test_broken_files_leave_no_words_behind(tmp_path: Path) -> None:
    """Neither in the log, where libtiff complains, nor in the register of warnings, which is never cleared."""
    page = 255 - drawing(4, size=40, thickness=5, canvas=(60, 60))
    paths = []
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"):
        paths.append(tmp_path / kind)
        options = {"compression": "tiff_lzw"} if kind == "TIFF" else {}
        paths[-1].write_bytes(encoded(page, kind, **options))
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", WARNINGS, *map(str, paths)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    first, second = json.loads(done.stdout)
    assert first == second


def test_a_warning_would_be_seen() -> None:
    """The register that the test above looks at is the one that Python fills."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import warnings; warnings.warn('a'); warnings.warn('b'); print(len(__warningregistry__))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) >= 2
