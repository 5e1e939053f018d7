"""What one picture costs: the program that `benchmarks.decoding_cost` and the tests measure with.

It reads paths from its standard input, and writes a line of JSON for each: what the answer was, the CPU seconds it
took, and the megabytes that this process and the helper process grew by. Where a picture ends the helper, it is
measured again in a process of its own, made by fork, with a new helper; so is each where the first argument is "apart".
Linux only.
"""

import contextlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from digitrec.decoding import helper, limits
from digitrec.errors import DigitrecError
from digitrec.ink import ink_from


def cost_here(path: Path) -> dict[str, Any] | None:
    """Measure a picture in this process, with the helper that runs; None if that ends, and what it took is unknown."""
    data = path.read_bytes()
    processes = [os.getpid(), *helper.process_ids()]
    for process in processes:
        Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")  # the peak begins at what there is now
    before = [(_seconds(process), _peak(process)) for process in processes]
    outcome = _outcome(data)
    if [os.getpid(), *helper.process_ids()] != processes:
        return None
    after = [(_seconds(process), _peak(process)) for process in processes]
    seconds = sum(late[0] - early[0] for early, late in zip(before, after, strict=True))
    megabytes = sum(late[1] - early[1] for early, late in zip(before, after, strict=True))
    return {"outcome": outcome, "seconds": round(seconds, 3), "megabytes": round(megabytes)}


def cost_apart(path: Path) -> dict[str, Any]:
    """Measure a picture in a new process, with the start of a helper and all the memory that it has."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        data = path.read_bytes()
        before, started = _peak(os.getpid()), _seconds(os.getpid())
        outcome = _outcome(data)
        helper.close()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = _seconds(os.getpid()) - started + children.ru_utime + children.ru_stime
        megabytes = _peak(os.getpid()) - before + children.ru_maxrss / 1024
        answer = {"outcome": outcome, "seconds": round(seconds, 3), "megabytes": round(megabytes)}
        os.write(writer, json.dumps(answer).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        told = file.read()
    os.waitpid(child, 0)
    return dict(json.loads(told)) if told else {"outcome": "crashed", "seconds": 0.0, "megabytes": 0.0}


def _outcome(data: bytes) -> str:
    try:
        ink_from(data)
    except DigitrecError as error:
        return f"{type(error).__name__}: {error}"
    return "answered"


def _seconds(process: int) -> float:
    """CPU time of a process so far, all of its threads."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def _peak(process: int) -> float:
    """Most megabytes a process ever had; `getrusage` would begin with what its parent had."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> int:
    """Answer line by line. Returns the exit status, 0."""
    apart, first = sys.argv[1] == "apart", Path(sys.argv[2])
    limits.ANSWER_SECONDS = 300.0  # a busy machine may take its time
    with contextlib.suppress(DigitrecError):  # what a process imports at its first picture, it has imported
        ink_from(first.read_bytes())
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        answer = None if apart else cost_here(path)
        print(json.dumps(answer or cost_apart(path)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
