"""Pictures by URL, here from a server of this machine and from memory."""

import csv
import functools
import http.server
import threading
from pathlib import Path

import pytest

from digitrec.bulk.remote import RemoteFile, RemoteSource, fetch_all
from digitrec.bulk.sources import open_source
from digitrec.cli import main
from digitrec.errors import DatasetError, ImageTooLargeError, InvalidImageError
from tests.support.drawings import drawing, encoded

fsspec = pytest.importorskip("fsspec")


def every(key):
    return True


@pytest.fixture
def memory():
    """A store with two folders of pictures, something else, and a hidden picture."""
    files = fsspec.filesystem("memory")
    for name in ("b/2.png", "b/1.png", "a.png", "notes.txt", "b/.hidden.png"):
        files.pipe_file(f"/scans/{name}", encoded(drawing(len(name) % 10)))
    yield files
    files.rm("/scans", recursive=True)


def test_a_folder_a_pattern_and_a_picture(memory):
    keys = [item.key for item in open_source("memory://scans").items(every)]
    assert keys == ["memory:///scans/a.png", "memory:///scans/b/1.png", "memory:///scans/b/2.png"]
    assert [item.key for item in open_source("memory://scans/b/*.png").items(every)][-2:] == keys[1:]
    (item,) = open_source("memory://scans/a.png").items(every)
    ((_, content),) = fetch_all([item])
    assert content == memory.cat_file("/scans/a.png")
    (only,) = open_source("memory://scans").items(lambda key: key.endswith("/a.png"))
    assert only.key == keys[0]


def test_what_cannot_be_fetched_is_an_error_of_its_own(memory, monkeypatch):
    ((_, error),) = fetch_all(list(open_source("memory://scans/none.png").items(every)))
    assert isinstance(error, InvalidImageError)
    assert "cannot be fetched" in str(error)
    (nothing,) = open_source("memory://elsewhere").items(every)
    assert isinstance(nothing.content, InvalidImageError)
    monkeypatch.setattr("digitrec.bulk.remote.MAX_BYTES", 10)
    assert isinstance(RemoteFile("memory://scans/a.png").fetch(), ImageTooLargeError)


def test_an_unknown_kind_of_address_is_refused():
    with pytest.raises(DatasetError, match=r"gopher://a/b cannot be read: .*gopher"):
        RemoteSource("gopher://a/b")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_the_command_answers_what_a_web_server_has(tmp_path, monkeypatch):
    pytest.importorskip("aiohttp")
    monkeypatch.chdir(tmp_path)
    Path("served").mkdir()
    for digit in (3, 7):
        Path("served", f"{digit}.png").write_bytes(encoded(255 - drawing(digit)))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="served"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        words = [f"{address}/", f"{address}/none.png", "--out", "a.csv", "--processes", "1"]
        assert main(["predict", *words]) == 1
    finally:
        server.shutdown()
        server.server_close()
    rows = {row["path"].removeprefix(address): row for row in csv.DictReader(Path("a.csv").read_text().splitlines())}
    assert {path: row["digit"] for path, row in rows.items()} == {"/3.png": "3", "/7.png": "7", "/none.png": ""}
    assert "cannot be fetched" in rows["/none.png"]["error"]
