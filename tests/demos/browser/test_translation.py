"""Python to JavaScript: what is translated does the same in Node, and what is not known is refused by file and line."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from demos.browser import sources
from demos.browser.translation.javascript import translate
from demos.browser.translation.modules import Target, TranslationError

ROOT = Path(__file__).parents[3]
RUNTIME = ROOT / "demos" / "browser" / "page" / "runtime"

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")

SAMPLE = """
import math
from dataclasses import dataclass, replace
from itertools import pairwise
import numpy as np
from PIL import Image

LIMIT, FACTOR = 3, np.float32(0.25)

@dataclass(frozen=True)
class Pair:
    one: int
    other: int = 7

    @property
    def total(self) -> int:
        return self.one + self.other

    def __len__(self) -> int:
        return 2

    def times(self, factor: int) -> "Pair":
        return Pair(self.one * factor, other=self.other * factor)

def arrays() -> list:
    a = np.arange(12).reshape(3, 4)
    b = a.astype(np.float32) * FACTOR
    mask = (a % 3 == 0) & ~(a > 8)
    picked = a[mask]
    b[1:, ::2] = -1
    b[0] += 10
    rows = np.argsort(-b[:, 1])
    grey = (a * 20).astype(np.uint8)
    return [
        b.tolist(), picked.tolist(), rows.tolist(), (200 - grey + grey * 3).tolist(), a[:, None, 1:3].tolist(),
        np.where(mask, a, 0.5).sum((0, 1)), a[np.array([2, 0]), np.array([1, 3])].tolist(),
        a.max(0, keepdims=True).tolist(),
        float(np.median(b)), float(np.percentile(b, 30)), np.concatenate([a[0], a[:, 0]]).tolist(), a[..., -1].tolist(),
        np.pad(b, 1, mode="edge").tolist(), np.stack([a, a + 1], 1).tolist(), bool(mask.any()), mask.all(1).tolist(),
        np.einsum("ij,kj->ik", a, a).tolist(), np.swapaxes(a, 0, 1).tolist(), np.argwhere(mask).tolist(),
        [a[::-1].tolist(), a[:, ::-1].tolist(), a[1, 2::-1].tolist(), a[0, -1:0:-2].tolist(), a[0, :0:-1].tolist()],
        np.rint(np.array([0.5, 1.5, -0.5, 2.4])).tolist(), (a[0] @ a.T if False else (b @ b.T)).tolist(),
        np.cumsum(b.ravel() / 7).tolist(), np.cumsum(mask).tolist(), np.sign(b - 2).tolist(),
        np.full((2, 3), 2, dtype=np.float32).tolist(), np.full(2, 0.5).tolist(), len(np.empty((*a.shape, 4), np.uint8)),
        np.concatenate([a[:, :2], b[:, None, 1]], axis=1, dtype=np.float32).tolist(),
        np.where(a == 3, -np.inf, b).max(1).tolist(), np.where(mask[..., np.newaxis], *(a[0, :3], a[1, :3])).tolist(),
        [math.isfinite(x) for x in (1.5, np.inf)], bool((a[0, 0] == a[-1, -1]).all()), bool((a[0, 0] < a[1, 1]).any()),
    ]

def objects() -> list:
    pair = Pair(2)
    more = replace(pair, one=5).times(2)
    found = {}
    for place, letter in enumerate("abc", 1):
        if place in found or letter == "b":
            continue
        found[place] = letter
    chain, at = [0], 0
    while at < LIMIT:
        at += 1
        chain.append(at * at)

    def far(pair) -> bool:
        return pair[1] - pair[0] > 2

    return [
        pair.total, more.one, more.total, len(more), [*chain[1:], *chain[:-2]], -1 < at <= LIMIT, round(2.5),
        7 // 2, -7 % 3,
        [list(each) for each in pairwise(chain) if far(each)],
        sorted([(2, "b"), (1, "c"), (2, "a")], key=lambda x: x[0])[0][1],
        max(found, key=lambda key: found[key]), min([3, 1, 2]), any(x > 8 for x in chain),
        chain[-1], "x" if [] else "empty",
        [x for one in [[1, 2], [], [3]] for x in one],
        chain[::-1], chain[::2], chain[-2:0:-2], "digit"[::-1],
        f"{at} of {LIMIT}", 0 not in found, len(found), max([], default=-1),
    ]

def pictures() -> list:
    rng = (np.arange(15 * 21).reshape(15, 21) * 37 % 256).astype(np.uint8)
    picture = Image.fromarray(rng)
    near = picture.resize((40, 9), Image.Resampling.BILINEAR, box=(1.3, 0.7, 17.9, 14.2))
    small = picture.resize((7, 5), Image.Resampling.BOX)
    colour = Image.fromarray(np.stack([rng, 255 - rng, rng // 2, rng], 2))
    over = Image.alpha_composite(Image.new("RGBA", colour.size, (255, 255, 255, 255)), colour).convert("L")
    return [np.asarray(near).tolist(), np.asarray(small).tolist(), np.asarray(over).tolist()]
"""


def written(folder: Path, source: str) -> Path:
    package = folder / "digitrec"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "sample.py").write_text(source, "utf-8")
    return package / "sample.py"


def by_python(path: Path, name: str) -> Any:
    spec = importlib.util.spec_from_file_location("sample", path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return json.loads(json.dumps(getattr(module, name)(), default=float))


@needs_node
def test_what_is_translated_does_the_same(tmp_path):
    path = written(tmp_path, SAMPLE)
    names = ["arrays", "objects", "pictures"]
    script = translate(tmp_path, [Target("digitrec.sample", name) for name in names], provided=(), awaited=())
    shutil.copytree(RUNTIME, tmp_path / "js" / "runtime")
    (tmp_path / "js" / "package.json").write_text('{"type": "module"}', "utf-8")
    (tmp_path / "js" / "translated.js").write_text(script, "utf-8")
    calls = ", ".join(f"{name}: t.{name}()" for name in names)
    (tmp_path / "js" / "run.js").write_text(
        f'import * as t from "./translated.js"; console.log(JSON.stringify({{{calls}}}));', "utf-8"
    )
    ran = subprocess.run(["node", tmp_path / "js" / "run.js"], capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    for name in names:
        for place, (mine, theirs) in enumerate(zip(by_python(path, name), found[name], strict=True)):
            assert theirs == mine, (name, place)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("    return {x for x in [1]}", "SetComp is not translated"),
        ("    return math.tau", "is not known"),
        ("    global x", "Global is not translated"),
    ],
)
def test_what_is_not_known_is_refused_by_its_line(line, problem, tmp_path):
    path = written(tmp_path, f"def answer() -> int:\n    x = 1\n{line}\n")
    with pytest.raises(TranslationError, match=f"{path}:3: .*{problem}"):
        translate(tmp_path, [Target("digitrec.sample", "answer")], provided=(), awaited=())


def test_a_function_that_the_runtime_lacks_is_named(monkeypatch):
    monkeypatch.setattr(sources, "RUNTIME", {"np": "pillow.js"})
    with pytest.raises(TranslationError, match=r"np\.\w+, which page/runtime/pillow\.js does not have"):
        sources.translate_recognizer(ROOT)


def test_the_recognizer_can_be_translated():
    script = sources.translate_recognizer(ROOT)
    assert "async predict(" in script
    assert script.count("export {") == len(sources.ROOTS)
