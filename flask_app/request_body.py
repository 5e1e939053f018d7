"""What goes wrong while a request's body is read, as an answer to its client: 408, 503 or 400."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout, ServiceUnavailable

T = TypeVar("T")

RETRY_SECONDS = 5


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


class RequestBodyMiddleware:
    """Gives the app its bodies as `RequestBody`."""

    def __init__(self, app: WSGIApplication) -> None:
        """Wrap an app."""
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        environ["wsgi.input"] = RequestBody(environ["wsgi.input"])
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
