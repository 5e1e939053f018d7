"""Latency, cold start and training speed, one after the other. All other benchmarks are commands of their own."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.command import check_json

BENCHMARKS = ("latency", "cold_start", "training_speed")


def main(argv: list[str] | None = None) -> int:
    """Run each benchmark in a process of its own, so that none inherits the others' memory. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="as little as shows that it works; figures mean nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all tables to a file too")
    flags = parser.parse_args(argv)
    check_json(parser, flags.json)
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for position, name in enumerate(BENCHMARKS):
            part = Path(folder) / f"{name}.json"
            command = [sys.executable, "-m", f"benchmarks.{name}", *(["--quick"] if flags.quick else [])]
            print("\n" * (position > 0), end="", flush=True)
            status = subprocess.run([*command, "--json", str(part)], check=False).returncode
            if status:
                return status
            results[name] = json.loads(part.read_text(encoding="utf-8"))
    if flags.json:
        flags.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
