"""What one picture costs: the program that `benchmarks.decoding_cost` and the tests measure with.

It reads paths from its standard input, and writes a line of JSON for each: what the answer was, the CPU seconds it
took, and the megabytes that this process and the helper process grew by. Each picture has a process of its own, made by
fork, so that none starts where another has left off. Linux only.
"""

import contextlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from digitrec.decoding import helper
from digitrec.errors import DigitrecError
from digitrec.ink import ink_from


def cost(path: Path) -> dict[str, Any]:
    """Find the ink of a picture. Returns the outcome, CPU seconds, and megabytes.

    The CPU time is of this process and the helper, its start with it; the memory is what this process grew by at its
    peak, and all that the helper had at its own.
    """
    data = path.read_bytes()
    before, started = _peak(), _seconds(resource.RUSAGE_SELF)
    try:
        ink_from(data)
    except DigitrecError as error:
        outcome = f"{type(error).__name__}: {error}"
    else:
        outcome = "answered"
    helper.close()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = _seconds(resource.RUSAGE_SELF) - started + _seconds(resource.RUSAGE_CHILDREN)
    megabytes = _peak() - before + children.ru_maxrss / 1024
    return {"outcome": outcome, "seconds": round(seconds, 3), "megabytes": round(megabytes)}


def _seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _peak() -> float:
    """Most megabytes this process ever had; `getrusage` would begin with what its parent had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> int:
    """Answer line by line. Returns the exit status, 0."""
    with contextlib.suppress(DigitrecError):  # what a process imports at its first picture, it has imported
        ink_from(Path(sys.argv[1]).read_bytes())
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.write(writer, json.dumps(cost(Path(line.rstrip("\n")))).encode() + b"\n")
            os._exit(0)
        os.close(writer)
        with open(reader, "rb") as answer:
            sys.stdout.write(
                answer.read().decode() or json.dumps({"outcome": "crashed", "seconds": 0, "megabytes": 0}) + "\n"
            )
        os.waitpid(child, 0)
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
