"""How waitress serves the app: no client that is slow or silent keeps others from an answer."""

import time
from typing import Any, ClassVar

from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

HEAD_SECONDS = 10.0
"""Time for the head of a request, and between two of them."""

BODY_SECONDS = 10.0
"""Time for a body, to which each `BYTES_PER_SECOND` that have arrived add a second."""

BYTES_PER_SECOND = 10_000

CONNECTIONS = 500
ARRIVING_BYTES = 500_000_000
"""Bytes of bodies that may be arriving at once. Waitress keeps them in temporary files until they are whole."""


class DeadlineChannel(HTTPChannel):
    """A connection that is closed when its client is too slow. Waitress closes only those that are silent."""

    arriving: ClassVar[dict["DeadlineChannel", int]] = {}
    """The connections on which a request is arriving, and how many bytes of it have. Of one server: it has one loop,
    whose thread alone looks at this."""

    began = 0.0

    def received(self, data: bytes) -> bool:
        """Take some bytes."""
        if self not in self.arriving:
            self.began = time.time()
        self.arriving[self] = self.arriving.get(self, 0) + len(data)
        if sum(self.arriving.values()) > ARRIVING_BYTES:
            self.will_close = True
        taken = bool(super().received(data))
        if self.request is None:  # whole, and on its way to a thread
            self.arriving.pop(self, None)
        return taken

    def readable(self) -> bool:
        """Whether to read more bytes. Called all the time, so this is where a slow client is noticed."""
        if not self.requests and not self.total_outbufs_len and self._is_late():
            self.will_close = True
        return bool(super().readable())

    def del_channel(self, map: Any = None) -> None:
        """Forget the connection."""
        self.arriving.pop(self, None)
        super().del_channel(map)

    def _is_late(self) -> bool:
        now = time.time()
        if self.request is None:
            return now - self.last_activity > HEAD_SECONDS
        if not self.request.headers_finished:
            return now - self.began > HEAD_SECONDS
        return now - self.began > BODY_SECONDS + self.arriving.get(self, 0) / BYTES_PER_SECOND


def make_server(app: Any, **settings: Any) -> Any:
    """A waitress server, ready to run, whose connections have deadlines.

    Args:
        app: The WSGI app.
        settings: As `waitress.serve` takes them.
    """
    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        asyncore_loop_timeout=1,
        inbuf_overflow=65_536,
        channel_request_lookahead=1,  # so that it notices a client that hangs up while its request is worked on
        **settings,
    )
    for listener in sockets.values():
        if isinstance(listener, BaseWSGIServer):
            listener.channel_class = DeadlineChannel
    return server
