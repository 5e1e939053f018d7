"""What a body may cost before an image in it is decoded: bounds on CPU time and memory, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CPU_SECONDS = 1.5
GROWTH_MB = 300


@pytest.fixture(scope="module")
def costs(tmp_path_factory) -> dict[str, dict[str, float]]:
    command = [sys.executable, "-m", "tests.support.body_cost", str(tmp_path_factory.mktemp("cost"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux counts it")
def test_no_body_costs_much_before_an_image_is_decoded(costs) -> None:
    assert len(costs) == 18
    too_much = {
        name: cost
        for name, cost in costs.items()
        if cost["cpu"] > CPU_SECONDS or cost["grown"] > GROWTH_MB or not 400 <= cost["status"] < 500
    }
    assert not too_much
