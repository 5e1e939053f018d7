"""Admission: how much requests may hold and compute at once, whatever they bring.

What is over it waits for a moment, and is then answered with 503 and a time to try again. A drawing of the page's size
passes without a look.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from flask import Request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from digitrec.decoding.structure import strip
from flask_app.threads import waiting

MAX_BYTES_HELD = 240_000_000
"""Memory that bodies and what becomes of them may take at once. With the 270 MB that the helper process takes at most,
and the 200 MB of the app itself, 1 GB is enough for everything."""

COPIES = {"application/json": 4, "multipart/form-data": 2}
"""Times that the bytes of a body are held at once, by its type: JSON as bytes, as text, as text of each field, and
decoded; a form in temporary files, which may lie in memory too, and read. Others: once."""

SMALL_BODY = 100_000
"""Bytes of a body that is not counted."""

SMALL_PIXELS = 1_000_000
"""Pixels of an image that is not counted. A canvas has 80,000."""

WAIT_SECONDS = 5.0
"""How long a request waits for its turn before it is answered with 503."""

RETRY_SECONDS = 3

PNG_HEAD = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


class ClientClosedRequest(HTTPException):
    """The client has closed the connection, so its request is not processed."""

    code = 499
    description = "The client closed the connection."


class Admission:
    """What the requests of one app hold at once."""

    def __init__(self, threads: int) -> None:
        """Share out the threads.

        Args:
            threads: Threads that answer requests. A quarter of them never waits for a large request.
        """
        self._large = threading.BoundedSemaphore(max(1, threads * 3 // 4))
        self._mine = threading.local()
        """Whether the request of a thread is a large one."""
        self._bytes = _Pool(MAX_BYTES_HELD)
        self._turn = _Pool(1)

    @contextlib.contextmanager
    def hold_body(self, request: Request) -> Iterator[None]:
        """Hold the memory for a request's body, from before it is read.

        Raises:
            ServiceUnavailable: Too much is held by others.
            ClientClosedRequest: The client has hung up meanwhile.
        """
        # Of a body without a length, as much as it may have is held.
        size = request.content_length
        if size is None:
            size = (request.max_content_length or 0) if request.environ.get("wsgi.input_terminated") else 0
        if size <= SMALL_BODY:
            yield
            return
        with self._large_request(), self._bytes.hold(size * COPIES.get(request.mimetype, 1)):
            check_client(request)
            yield

    @contextlib.contextmanager
    def take_turn(self, image: bytes, request: Request) -> Iterator[bool]:
        """Wait for the turn of a large image: they are decoded one at a time.

        Yields:
            Whether another process decodes it.

        Raises:
            DigitrecError: It is no image, or costs too much.
            ServiceUnavailable: Too many wait for their turn.
            ClientClosedRequest: The client has hung up meanwhile.
        """
        if _is_small_png(image):
            yield False
            return
        with self._large_request():
            picture = strip(image)
            is_small = picture is None or (picture.light and picture.size[0] * picture.size[1] <= SMALL_PIXELS)
            is_light = picture is None or picture.light
            del picture  # a copy of the file
            if not is_small:
                with self._turn.hold(1):
                    check_client(request)
                    yield not is_light
                return
        yield False

    @contextlib.contextmanager
    def _large_request(self) -> Iterator[None]:
        if getattr(self._mine, "is_large", False):  # its body was admitted before
            yield
            return
        if not self._large.acquire(blocking=False):
            raise overloaded()
        self._mine.is_large = True
        try:
            yield
        finally:
            self._mine.is_large = False
            self._large.release()


class _Pool:
    """A number of units that are held for a while."""

    def __init__(self, capacity: int) -> None:
        self._capacity = self._free = capacity
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def hold(self, count: int) -> Iterator[None]:
        count = min(count, self._capacity)
        with self._changed:
            if self._free < count:
                self._await(count)
            self._free -= count
        try:
            yield
        finally:
            with self._changed:
                self._free += count
                self._changed.notify_all()

    def _await(self, count: int) -> None:
        with waiting():
            if not self._changed.wait_for(lambda: self._free >= count, WAIT_SECONDS):
                raise overloaded()


def overloaded() -> ServiceUnavailable:
    """The answer to a request that there is no room for now."""
    return ServiceUnavailable("The server has too much to do now. Try again in a moment.", retry_after=RETRY_SECONDS)


def check_client(request: Request) -> None:
    """Find out whether the client is still there; a proxy hangs up when its own client does.

    Raises:
        ClientClosedRequest: It is not.
    """
    has_hung_up: Callable[[], bool] | None = request.environ.get("waitress.client_disconnected")
    connection = request.environ.get("gunicorn.socket")
    if (has_hung_up is not None and has_hung_up()) or (connection is not None and _is_closed(connection)):
        raise ClientClosedRequest


def _is_closed(connection: Any) -> bool:
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except (OSError, ValueError):
        return True


def _is_small_png(image: bytes) -> bool:
    """Whether the header of a PNG says that it is small; what its other chunks cost, decoding bounds."""
    if len(image) > SMALL_BODY or not image.startswith(PNG_HEAD):
        return False
    width, height = (int.from_bytes(image[start : start + 4]) for start in (16, 20))
    return width * height <= SMALL_PIXELS
