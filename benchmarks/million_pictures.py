"""How much memory a million pictures take: `digitrec predict` of 100,000 MNIST-sized PNG files, each ten times."""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.many_pictures import write_pictures

ROOT = Path(__file__).parents[1]
EVERY = 0.5
"""Seconds between two looks at the memory."""


def main(argv: list[str] | None = None) -> int:
    """Run it. Returns the exit status: 0 done, 1 impossible or failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million_pictures", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000, metavar="N", help="files (default: 100,000)")
    parser.add_argument("--times", type=int, default=10, metavar="N", help="times that each is answered (default: 10)")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="processes (default: 2)")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where files and answers go, to go on with them later")
    flags = parser.parse_args(argv)
    if not Path("/proc/self/status").exists():
        print("error: this system does not tell the memory of a process in /proc; use Linux", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        work = flags.work or Path(temporary)
        folders = _folders(work, flags.files, flags.times)
        command = ["digitrec", "predict", *map(str, folders), "--out", str(work / "answers.parquet")]
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--processes", str(flags.processes)], cwd=ROOT, stderr=subprocess.PIPE
        )
        peak = PeakMemory(process.pid)
        assert process.stderr is not None
        said = process.stderr.read().decode()
        status = process.wait()
        peak.stop()
    print(said.strip())
    print(f"{time.monotonic() - began:,.0f} s; all processes together at most {peak.megabytes:,.0f} MB resident")
    return status


def _folders(work: Path, files: int, times: int) -> list[Path]:
    """One folder of pictures, and other names for it, so that each picture has several paths."""
    first = work / "pictures-0"
    if not first.is_dir():
        write_pictures(first, files)
    folders = [first]
    for number in range(1, times):
        other = work / f"pictures-{number}"
        if not other.exists():
            other.symlink_to(first, target_is_directory=True)
        folders.append(other)
    return folders


class PeakMemory:
    """The largest resident memory of a process and its children together, looked at twice a second.

    What they share counts in each of them, so it is rather more than what the machine needs.
    """

    def __init__(self, pid: int) -> None:
        self.megabytes = 0.0
        self._pid = pid
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(EVERY):
            self.megabytes = max(self.megabytes, sum(map(_resident, _family(self._pid))) / 1e6)


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                waiting += map(int, path.read_text().split())
            except OSError:  # it has ended
                continue
    return found


def _resident(pid: int) -> int:
    """Bytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    sys.exit(main())
