"""UCI's pen digits: the format read, the download checked, without the network and without UCI's own bytes."""

import base64
import io
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import training.fetch_strokes
from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.strokes import archives, pendigits
from digitrec.learning.strokes.archives import Source, fetch, recordings_in
from digitrec.learning.strokes.pendigits import PENDIGITS, parse_pendigits
from digitrec.learning.strokes.recordings import digest, read_strokes, write_strokes
from digitrec.learning.strokes.unipen import parse_unipen

UNIPEN = """\
.INCLUDE dene.doc
.LEXICON "0" "1" "2" "3" "4"
 "5" "6" "7" "8" "9"
.HIERARCHY DIGIT

.SEGMENT DIGIT 0-1 ? "4"
.COMMENT 4 12 224
.PEN_DOWN
 200 400
 180 300
 260 300
.PEN_UP
.DT 100
.PEN_DOWN
 250 380
 250 200
.PEN_UP
.DT 100
.SEGMENT DIGIT 2 ? "1"
.COMMENT 1 3 17
.PEN_DOWN
 267 333
 267 100
.PEN_UP
.DT 100
"""

PACKED = base64.b64decode(
    "H52QLpI4GcKkCpEiIMiUcVPGBZk3YxS4YFIES5IhT5yAEAFDxMYYHkXICDkjJA0RCjbWCGkj5I2QOELmQOkCSZIiUoJIGYIkCwgiSY4koaJA"
    "4pQiR5oUcULlZ9ChIGC0iAHix8aTEjE2UcoUBA0QMWSAkCGDhkQoS78QeXLFSUoZMGB4jZsyBg65M+iOtYGXrgu0Tr5UgSKRSNMYfgGrZet2"
    "bA28d98+Hps47eDCh/0eTbq0KVChTcVaFQEy65OtncGCmAH2xtm0a9u+tXFj9YwZs2sjhvE68GUXhsHSBQ=="
)
"""`UNIPEN` as Unix' compress packs it."""


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


ARCHIVE = zipped(tra=PACKED, names=b"who and when")


class Server(ThreadingHTTPServer):
    """Answers with `body`, or with `status`; promises `length` bytes of it."""

    body, status, length = ARCHIVE, 200, len(ARCHIVE)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(self.server.length))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def source(server):
    return Source(
        name="pendigits",
        address=f"http://127.0.0.1:{server.server_port}/digits.zip",
        size=len(ARCHIVE),
        sha256=sha256(ARCHIVE),
        member="tra",
        parse=parse_pendigits,
        digest=digest(parse_unipen(UNIPEN, "train-")),
        out="pendigits_train_strokes.jsonl.gz",
        citation=PENDIGITS.citation,
    )


class TestUnipen:
    def test_labels_writers_and_strokes_with_y_down(self):
        four, one = parse_unipen(UNIPEN, "train-")
        assert (four.label, four.writer) == (4, "train-12")
        assert [stroke.tolist() for stroke in four.strokes] == [
            [[200, 100], [180, 200], [260, 200]],
            [[250, 120], [250, 300]],
        ]
        assert (one.label, one.writer) == (1, "train-3")
        assert one.strokes[0].tolist() == [[267, 167], [267, 400]]

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (".COMMENT 4 12 224", ".COMMENT 5 12 224", "line 7 .*the comment says 5, the segment 4"),
            (".COMMENT 4 12 224\n", "", "names the writer"),
            (' 0-1 ? "4"', ' 0-2 ? "4"', "no 3 whole strokes"),
            (' 0-1 ? "4"', ' 0-1 ? "x"', "line 6 .*no segment of one digit"),
            (" 180 300", " 180 300 0", "line 10 .*'180 300 0' does not belong here"),
            (" 180 300", " 180 up", "does not belong here"),
            (".PEN_UP\n", "", r"line 13 .*'\.PEN_DOWN' does not belong here"),
            (".PEN_DOWN\n 250", " 250", "line 14 .*'250 380' does not belong here"),
            (" 267 333\n 267 100\n", "", "no 1 whole strokes"),
            (" 267 100\n.PEN_UP", " 267 100", "no 1 whole strokes"),
        ],
    )
    def test_incomplete_recordings_are_named_by_line(self, old, new, message):
        assert old in UNIPEN
        with pytest.raises(DatasetError, match=message):
            parse_unipen(UNIPEN.replace(old, new, 1))

    @pytest.mark.parametrize("text", ["", "<html>", ".COMMENT nothing\n"])
    def test_a_text_without_digits_is_refused(self, text):
        with pytest.raises(DatasetError, match=r"no \.SEGMENT DIGIT"):
            parse_unipen(text)


class TestDownload:
    def test_the_pinned_archive_is_downloaded(self, source):
        assert digest(fetch(source)) == source.digest

    def test_an_archive_with_another_checksum_is_refused(self, server, source):
        server.body = ARCHIVE[:-1] + b"!"
        with pytest.raises(DatasetError, match="another archive than the pinned one"):
            fetch(source)

    def test_an_http_error_is_reported(self, server, source):
        server.status = 404
        with pytest.raises(DatasetError, match="the server answers 404 Not Found"):
            fetch(source)

    def test_a_download_that_is_cut_off_is_refused(self, server, source):
        server.body = ARCHIVE[:100]
        with pytest.raises(DatasetError, match=f"ended after 100 of {len(ARCHIVE)} bytes"):
            fetch(source)

    def test_too_large(self, server, source):
        server.body, server.length = ARCHIVE + bytes(10_000_000), len(ARCHIVE) + 10_000_000
        with pytest.raises(DatasetError, match="larger than"):
            fetch(source)

    def test_an_unreachable_server_is_reported(self, source):
        with pytest.raises(DatasetError, match="cannot be downloaded"):
            fetch(replace(source, address="http://127.0.0.1:1/digits.zip"))

    def test_a_server_that_sends_nothing_times_out(self, source):
        with pytest.raises(DatasetError, match="timed out"), Server(("127.0.0.1", 0), Handler) as deaf:
            fetch(replace(source, address=f"http://127.0.0.1:{deaf.server_port}/digits.zip"), timeout=0.2)


class TestArchive:
    @pytest.mark.parametrize("archive", [b"", b"no zip", zipped(other=b"")])
    def test_an_archive_without_the_file_is_refused(self, source, archive):
        with pytest.raises(DatasetError, match="holds no tra that can be unpacked"):
            recordings_in(archive, source)

    @pytest.mark.parametrize("archive", [zipped(tra=b""), zipped(tra=b"not packed")])
    def test_a_file_that_is_not_packed_by_compress_is_refused(self, source, archive):
        with pytest.raises(DatasetError, match="holds no pen digits that can be unpacked"):
            recordings_in(archive, source)

    def test_a_file_that_unzips_to_too_much_is_refused(self, source, monkeypatch):
        monkeypatch.setattr(archives, "MAX_MEMBER", 100)
        with pytest.raises(DatasetError, match="tra unpacks to more than 100 bytes"):
            recordings_in(ARCHIVE, source)

    def test_an_archive_of_unknown_size_has_a_limit(self, server, source):
        server.body, server.length = bytes(2000), 2000
        with pytest.raises(DatasetError, match="larger than the 1,000 bytes"):
            fetch(replace(source, size=None, limit=1000))

    def test_recordings_with_another_digest_are_refused(self, source):
        with pytest.raises(DatasetError, match="other recordings than the pinned ones"):
            recordings_in(ARCHIVE, replace(source, digest="0" * 64))

    def test_a_truncated_file_in_the_archive_is_refused(self, source):
        with pytest.raises(DatasetError):
            recordings_in(zipped(tra=PACKED[:-20]), source)

    def test_unpacking_ends_somewhere(self, source, monkeypatch):
        monkeypatch.setattr(pendigits, "MAX_TEXT", 200)
        with pytest.raises(DatasetError, match="unpack to more than 200 bytes"):
            recordings_in(ARCHIVE, source)


class TestTheRealRecordings:
    def test_the_pinned_digest_is_theirs(self, data_dir):
        assert digest(read_strokes(data_dir / "pendigits_train_strokes.jsonl.gz")) == PENDIGITS.digest

    def test_they_have_the_shape_that_the_format_gives(self, data_dir):
        digits = read_strokes(data_dir / "pendigits_train_strokes.jsonl.gz")
        points = [int(value) for digit in digits for stroke in digit.strokes for value in stroke.ravel()]
        assert min(points) >= 0
        assert max(points) <= 500
        assert {digit.writer for digit in digits} == {f"train-{number}" for number in range(1, 31)}


class TestCommand:
    def test_it_writes_what_render_strokes_reads(self, source, tmp_path, capsys, monkeypatch):
        monkeypatch.setitem(training.fetch_strokes.SOURCES, "pendigits", source)
        monkeypatch.chdir(tmp_path)
        assert training.fetch_strokes.main([]) == 0
        output = capsys.readouterr().out
        assert "wrote 2 digits by 2 writers to pendigits_train_strokes.jsonl.gz" in output
        assert "CC BY 4.0" in output
        assert "https://doi.org/10.24432/C5MG6K" in output
        assert digest(read_strokes(tmp_path / "pendigits_train_strokes.jsonl.gz")) == source.digest

    def test_it_refuses_what_is_not_right(self, server, source, tmp_path, capsys, monkeypatch):
        monkeypatch.setitem(training.fetch_strokes.SOURCES, "pendigits", source)
        assert training.fetch_strokes.main(["--out", str(tmp_path / "no" / "out.jsonl")]) == 1
        assert "cannot be written" in capsys.readouterr().err
        server.status = 404
        assert training.fetch_strokes.main(["--out", str(tmp_path / "out.jsonl")]) == 1
        assert "404" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []


def test_writing_is_reading_backwards_and_always_the_same(tmp_path):
    digits = parse_unipen(UNIPEN)
    digits[1].strokes[0][0, 0] += 0.25
    for name in ("a.jsonl", "a.jsonl.gz", "b.jsonl.gz"):
        write_strokes(digits, tmp_path / name)
        again = read_strokes(tmp_path / name)
        assert [(d.label, d.writer, [s.tolist() for s in d.strokes]) for d in again] == [
            (d.label, d.writer, [s.tolist() for s in d.strokes]) for d in digits
        ]
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert "[200,100]" in (tmp_path / "a.jsonl").read_text()  # whole numbers stay whole
