"""What goes wrong while a request's body is read, as an answer to its client: 408, 503 or 400."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout, ServiceUnavailable
from werkzeug.wsgi import LimitedStream

T = TypeVar("T")

RETRY_SECONDS = 5
CHUNK = 65_536

UNPACKED = ("gzip", "x-gzip", "deflate")
"""Encodings of a body that are unpacked; others are refused by name."""


class RequestBody:
    """The stream of a body. The server's own errors, of a chunk that is malformed or of a slow client, become HTTP's.

    An OSError of another kind, from a client that is gone, stays what it is: Werkzeug knows it.
    """

    def __init__(self, stream: Any) -> None:
        """Wrap the stream that the server hands over."""
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, or all of them."""
        arguments = () if size is None or size < 0 else (size,)
        return _translate_errors(lambda: bytes(self._stream.read(*arguments)))

    def readline(self, size: int = -1) -> bytes:
        """Read a line."""
        return _translate_errors(lambda: bytes(self._stream.readline(size)))

    def readlines(self, hint: int = -1) -> list[bytes]:
        """Read all lines."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


class UnpackedBody:
    """A body in gzip or zlib's format, unpacked as it is read, so that a limit on its size ends it."""

    def __init__(self, stream: RequestBody) -> None:
        """Unpack a stream."""
        self._stream = stream
        self._unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)  # either format
        self._packed = b""

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, or all of them.

        Raises:
            BadRequest: They are in another format, or some are missing.
        """
        parts, left = [], size if size is not None and size >= 0 else None
        while left is None or left > 0:
            part = self._read_some(CHUNK if left is None else min(left, CHUNK))
            if not part:
                break
            parts.append(part)
            left = None if left is None else left - len(part)
        return b"".join(parts)

    def _read_some(self, size: int) -> bytes:
        while not self._unpacker.eof:
            packed = self._packed or self._stream.read(CHUNK)
            try:
                part = self._unpacker.decompress(packed, size)
            except zlib.error:
                raise BadRequest("The body is not in the Content-Encoding that its header says.") from None
            self._packed = self._unpacker.unconsumed_tail
            if part:
                return part
            if not packed:
                raise BadRequest("The compressed body ends too early.")
        return b""


class RequestBodyMiddleware:
    """Gives the app its bodies as `RequestBody`, and those in gzip unpacked."""

    def __init__(self, app: WSGIApplication) -> None:
        """Wrap an app."""
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        body = RequestBody(environ["wsgi.input"])
        environ["wsgi.input"] = body
        if environ.get("HTTP_CONTENT_ENCODING", "").strip().lower() in UNPACKED:
            if not environ.get("wsgi.input_terminated"):  # the stream has no end of its own
                body = RequestBody(LimitedStream(body, int(environ.get("CONTENT_LENGTH") or 0)))  # type: ignore[arg-type]
            environ["wsgi.input"] = UnpackedBody(body)
            environ["wsgi.input_terminated"] = True
            environ.pop("CONTENT_LENGTH", None)  # of the packed body
            del environ["HTTP_CONTENT_ENCODING"]
        return self.app(environ, start_response)


def _translate_errors(read: Callable[[], T]) -> T:
    try:
        return read()
    except TimeoutError:
        raise RequestTimeout("The request did not arrive in time. Send it again, over a faster connection.") from None
    except BlockingIOError:
        raise ServiceUnavailable(
            "Too many requests arrive slowly at once. Try again in a moment.", retry_after=RETRY_SECONDS
        ) from None
    except (HTTPException, OSError, MemoryError):
        raise
    except Exception:  # each server has its own for a chunk that is malformed
        raise BadRequest("The body of the request is malformed: its chunks have no sizes that can be read.") from None
