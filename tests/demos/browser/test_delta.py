"""A file as its difference from another one: the browser makes the same file of it."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from demos.browser.delta import BLOCK, make_delta

PAGE = Path(__file__).parents[3] / "demos" / "browser" / "page"

RUN = """
import { readFileSync, writeFileSync } from "node:fs";
import { applyDelta } from "./delta.js";
for (const name of process.argv.slice(2)) {
  const [known, delta] = ["known", "delta"].map((kind) => new Uint8Array(readFileSync(`${name}.${kind}`)).buffer);
  writeFileSync(`${name}.made`, applyDelta(known, delta));
}
"""

RNG = np.random.default_rng(0)
WEIGHTS, OTHERS = RNG.bytes(50_000), RNG.bytes(3_000)
CASES = {
    "shifted": (b"head" + WEIGHTS, b"another head" + WEIGHTS + b"tail"),
    "reordered": (WEIGHTS, WEIGHTS[20_000:] + OTHERS + WEIGHTS[:20_000]),
    "equal": (WEIGHTS, WEIGHTS),
    "different": (OTHERS, WEIGHTS),
    "within": (WEIGHTS, WEIGHTS[100:300]),
    "around": (WEIGHTS[:300], WEIGHTS),
    "repeated": (bytes(1_000), bytes(5_000)),
    "empty": (WEIGHTS, b""),
    "from nothing": (b"", OTHERS),
}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_browser_makes_the_file_from_the_difference(tmp_path):
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    (tmp_path / "run.js").write_text(RUN, "utf-8")
    shutil.copy(PAGE / "delta.js", tmp_path)
    for name, (known, wanted) in CASES.items():
        (tmp_path / f"{name}.known").write_bytes(known)
        (tmp_path / f"{name}.delta").write_bytes(make_delta(known, wanted))
    ran = subprocess.run(["node", "run.js", *CASES], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    for name, (_, wanted) in CASES.items():
        assert (tmp_path / f"{name}.made").read_bytes() == wanted, name


def test_what_both_have_is_not_sent():
    for name, more in (("shifted", 16), ("reordered", len(OTHERS)), ("equal", 0)):
        assert len(make_delta(*CASES[name])) < more + 5 * BLOCK, name
