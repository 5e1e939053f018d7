"""The engine ray, on a real cluster of two nodes on this machine, one of which is killed in the middle."""

import contextlib
import csv
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.servers import free_port
from digitrec.bulk.items import Item
from digitrec.bulk.pool import PoolError
from digitrec.bulk.ray_cluster import answer_on_cluster
from digitrec.bulk.tasks import error_row
from digitrec.cli import main
from tests.support.drawings import drawing, encoded

ROOT = Path(__file__).parents[3]
COPIES = 200

pytest.importorskip("ray")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nodes are killed by their process group")


class Cluster:
    """Nodes of one core each, which end with the test."""

    def __init__(self, folder: str) -> None:
        self.address, self._nodes = f"127.0.0.1:{free_port()}", []
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "RAY_AUTH_MODE": "disabled",
            "RAY_raylet_start_wait_time_s": "240",  # where other tests take the cores
            "RAY_ADDRESS": self.address,
        }
        self.folder = folder

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", *words, "--num-cpus=1", "--block"]
        command += ["--object-store-memory=80000000", "--disable-usage-stats"]
        environ = {name: value for name, value in self.environ.items() if name != "RAY_ADDRESS"}
        path = Path(self.folder, f"node-{len(self._nodes)}.log")
        with path.open("w") as log:
            node = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        self._nodes.append(node)
        wait_until(lambda: "Ray runtime started" in path.read_text(), node, path)
        return node

    def head(self) -> None:
        port = self.address.rpartition(":")[2]
        self.start("--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={self.folder}/ray")

    def second(self) -> subprocess.Popen[str]:
        return self.start(f"--address={self.address}")

    def kill(self, node: subprocess.Popen[str]) -> None:
        """End a node at once, as a power cut does."""
        if node.poll() is None:
            for child in [*children(node.pid), node.pid]:
                with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                    os.kill(child, signal.SIGKILL)
        node.wait()

    def close(self) -> None:
        for node in reversed(self._nodes):
            self.kill(node)


def children(pid: int) -> list[int]:
    """All processes below a process."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            for child in map(int, path.read_text().split()):
                found += [child, *children(child)]
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="dr-", dir="/tmp", ignore_cleanup_errors=True) as folder:  # a short path
        cluster = Cluster(folder)
        try:
            cluster.head()
            yield cluster
        finally:
            cluster.close()


def wait_until(condition, process, log):
    end = time.monotonic() + 240
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_node_that_is_killed_loses_nothing_and_doubles_nothing(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    for digit in range(10):
        first = tmp_path / "pictures" / f"{digit}-0.png"
        first.write_bytes(encoded(drawing(digit, size=20, canvas=(28, 28), thickness=2)))
        for copy in range(1, COPIES):
            os.link(first, tmp_path / "pictures" / f"{digit}-{copy}.png")
    (tmp_path / "pictures" / "broken.png").write_bytes(b"no picture")
    second = cluster.second()
    command = [sys.executable, "-m", "digitrec", "predict", "pictures", "--out", "ray.csv", "--engine", "ray"]
    command += ["--processes", "2"]
    out, log = Path("ray.csv"), Path("command.log")
    with log.open("w") as said:
        process = subprocess.Popen(command, env=cluster.environ, stdout=said, stderr=said)
    wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") > 1, process, log)
    cluster.kill(second)
    assert process.wait(timeout=240) == 1, log.read_text()
    assert "2,001 pictures" in log.read_text()

    (tmp_path / "few").mkdir()
    for digit in range(10):
        os.link(tmp_path / "pictures" / f"{digit}-0.png", tmp_path / "few" / f"{digit}-0.png")
    (tmp_path / "few" / "broken.png").write_bytes(b"no picture")
    assert main(["predict", "few", "--out", "local.csv", "--processes", "1"]) == 1
    rows, local = (list(csv.DictReader(Path(name).read_text().splitlines())) for name in ("ray.csv", "local.csv"))
    assert len(rows) == len({row["path"] for row in rows}) == 10 * COPIES + 1
    expected = {Path(row["path"]).name: row for row in local}
    for row in rows:
        name = Path(row.pop("path")).name
        known = expected["broken.png" if name == "broken.png" else f"{name[0]}-0.png"]
        assert (row["digit"], row["is_digit"], row["error"]) == (known["digit"], known["is_digit"], known["error"])
        for column in ("confidence", "doubt", "p0", "p9") if row["digit"] else ():
            assert float(row[column]) == pytest.approx(float(known[column]), abs=1e-5)


class FakeActor:
    """Works at once, in this process; ends over a picture called `deadly`, and as a node does when it is to."""

    def __init__(self, ray, task):
        self.ray, self.done, self.alive = ray, task.load(), True
        self.is_ready = SimpleNamespace(remote=lambda: ray.later(self, lambda: True))
        self.work = SimpleNamespace(remote=lambda items: ray.later(self, lambda: self.answer(items)))

    def answer(self, items):
        self.ray.calls += 1
        if self.ray.calls == 4 or any(item.key == "deadly" for item in items):
            self.alive = False
        return self.done(items)


class FakeRay:
    """As much of Ray as the engine uses; the newest call is done first."""

    exceptions = SimpleNamespace(RayError=RuntimeError)

    def __init__(self):
        self.calls, self.started = 0, 0

    def remote(self, **options):
        def start(task):
            self.started += 1
            return FakeActor(self, task)

        return lambda kind: SimpleNamespace(remote=start)

    def later(self, actor, call):
        return _Ref(actor, call)

    def wait(self, refs, num_returns, timeout):
        return [refs[-1]], refs[:-1]

    def get(self, ref):
        value = ref.call() if ref.actor.alive else None
        if not ref.actor.alive:
            raise self.exceptions.RayError("the actor died")
        return value

    def kill(self, actor):
        actor.alive = False


class _Ref:
    def __init__(self, actor, call):
        self.actor, self.call = actor, call


@dataclass(frozen=True)
class Lengths:
    columns = (("length", "int"),)

    def load(self):
        return lambda items: [(item.key, len(item.content), None) for item in items]


def test_a_picture_that_ends_every_process_is_an_error_row_and_each_other_is_answered_once(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", fake := FakeRay())
    names = [f"{number}" for number in range(30)]
    names[17] = "deadly"
    chunks = [[Item(name, name.encode()) for name in names[start : start + 5]] for start in range(0, 30, 5)]
    rows = [row for part in answer_on_cluster(Lengths(), iter(chunks), 2) for row in part]
    assert sorted(row[0] for row in rows) == sorted(names)
    deadly = error_row("deadly", "the process that read it ended", Lengths())
    assert all(row == (deadly if row[0] == "deadly" else (row[0], len(row[0]), None)) for row in rows)
    assert fake.started > 2


def test_actors_that_cannot_live_are_given_up(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", fake := FakeRay())
    monkeypatch.setattr(fake, "get", lambda ref: (_ for _ in ()).throw(RuntimeError("no model")))
    with pytest.raises(PoolError, match="ended without an answer, the last: no model"):
        list(answer_on_cluster(Lengths(), iter([[Item("a", b"a")]]), 2))


def test_without_a_cluster_there_is_one_line_at_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{(port := free_port())}")
    assert main(["predict", str(tmp_path), "--out", str(tmp_path / "a.csv"), "--engine", "ray"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"there is no Ray cluster at 127.0.0.1:{port}: " in line
    assert "ray start --head" in line


def test_without_ray_the_extra_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["predict", str(tmp_path), "--out", str(tmp_path / "a.csv"), "--engine", "ray"]) == 1
    assert 'python -m pip install "digitrec[ray]"' in capsys.readouterr().err
