"""The worker that gunicorn runs: no client that is slow, silent or gone keeps others from an answer.

`gunicorn.conf.py` loads this file by its path, in gunicorn's master process, which must not import the app (it says
why). So nothing here imports `flask_app` before a worker has been forked.
"""

import contextlib
import errno
import re
import select
import selectors
import socket
import struct
import threading
import time
from collections import deque
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.http import get_parser
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

HEAD_SECONDS = 10.0
"""Time for the head of a request, and for a body of up to `SMALL_BODY` bytes. No thread waits for them."""

BODY_SECONDS = 10.0
"""Time for a larger body, to which each `BYTES_PER_SECOND` that have arrived add a second."""

BYTES_PER_SECOND = 10_000

SEND_SECONDS = 10
"""Time in which a client must take some more of its answer."""

ANSWER_SECONDS = 60.0
"""Time from the last byte of a request until the connection is cut, whatever it is at."""

LINGER_SECONDS = 2.0
"""How long what a client still sends is read after its answer, so that it sees the answer and no broken connection."""

MAX_HEAD = 65_536
SMALL_BODY = 65_536
MAX_LINGER_BYTES = 1_000_000

SPARE_THREADS = 4
"""Threads that never wait for a client's bytes, as long as there are more than these."""

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n")


class Source:
    """Where the parser of a connection reads: the socket, with a deadline, and with a bound on threads that wait.

    What it raises is an OSError, which the app answers with 408 or 503 where it was reading a body.
    """

    def __init__(self, sock: socket.socket, slow_clients: threading.BoundedSemaphore) -> None:
        """Read from a socket; a thread that waits for it holds one of the places for slow clients."""
        self._sock = sock
        self._slow_clients = slow_clients
        self.begin()

    def begin(self) -> None:
        """A new request: its time begins."""
        self._began = self.last_read = time.monotonic()
        self._received = 0
        self._is_cut = False

    def recv(self, size: int) -> bytes:
        """Read what has arrived, or wait for more.

        Raises:
            BlockingIOError: Nothing has arrived, and as many threads wait for slow clients as may.
            TimeoutError: The client is too slow. After either error, there is nothing more to read.
        """
        if self._is_cut:
            return b""
        if not _is_readable(self._sock, 0):
            if not self._slow_clients.acquire(blocking=False):
                self._is_cut = True
                raise BlockingIOError(errno.EAGAIN, "too many clients are slow")
            try:
                deadline = self._began + BODY_SECONDS + self._received / BYTES_PER_SECOND
                if not _is_readable(self._sock, max(deadline - time.monotonic(), 0)):
                    self._is_cut = True
                    raise TimeoutError(errno.ETIMEDOUT, "the client is too slow")
            finally:
                self._slow_clients.release()
        data = self._sock.recv(size)
        self.last_read = time.monotonic()
        self._received += len(data)
        return data


class Worker(ThreadWorker):
    """Gunicorn's worker with threads, but a thread is given only requests that have arrived, or are arriving.

    Gunicorn gives each connection a thread at once, which waits for the head of a request as long as it takes; and
    its main loop, which accepts connections, waits up to two seconds for each client that does not hang up.
    """

    def init_process(self) -> None:
        """Set up what this worker has beside gunicorn's, and serve."""
        self.slow_clients = threading.BoundedSemaphore(max(1, self.cfg.threads - SPARE_THREADS))
        self.lingering: deque[TConn] = deque()
        self.working: dict[TConn, float] = {}
        super().init_process()

    def get_thread_pool(self) -> Executor:
        """Make the threads, in the worker's own process: few at work, and more only while some are held up."""
        from flask_app.threads import ElasticThreads  # no sooner: what it comes with must not be there before the fork

        return ElasticThreads(self.cfg.threads)

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and wait for its first request."""
        if self.cfg.is_ssl:  # its bytes are no HTTP yet
            super().accept(listener)
            return
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK, errno.EMFILE, errno.ENFILE):
                return
            raise
        self.nr_conns += 1
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0))
        connection = TConn(self.cfg, sock, client, listener.getsockname())
        connection.parser = get_parser(self.cfg, Source(sock, self.slow_clients), client)
        connection.initialized = connection.data_ready = True
        self._await_request(connection)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Wait for the next request of a connection that was kept alive; its first bytes are there."""
        if conn.is_http2 or self.cfg.is_ssl:
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_request(conn)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Keep a connection for its next request, or close it without waiting for the client to do so."""
        if self.cfg.is_ssl:
            super().finish_request(conn, fs)
            return
        self.working.pop(conn, None)
        try:
            is_kept = not fs.cancelled() and fs.result()
            conn.sock.setblocking(False)
            if not is_kept:
                self._linger(conn)
            elif pipelined := conn.parser.unreader.take_buffered():
                self._await_request(conn, pipelined)
            else:
                conn.set_timeout()
                if not self.alive:
                    conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
                self.keepalived_conns.append(conn)
                read = partial(self.on_client_socket_readable, conn)
                self.poller.register(conn.sock, selectors.EVENT_READ, read)
        except Exception:  # such as a socket that is closed already
            self._close(conn)

    def murder_pending(self) -> None:
        """Cut off clients whose time is over; called once a second."""
        super().murder_pending()
        now = time.monotonic()
        while self.lingering and (self.lingering[0].timeout <= now or not self.alive):
            self._drop(self.lingering[0], self.lingering)
        if not self.alive:
            for conn in [one for one in self.pending_conns if not one.head]:
                self._drop(conn, self.pending_conns)
        for conn, since in list(self.working.items()):
            if now - max(since, conn.parser.unreader.sock.last_read) > ANSWER_SECONDS:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR)

    def _await_request(self, conn: TConn, arrived: bytes = b"") -> None:
        """Have a request's bytes collected by the main loop until there is something to do for a thread."""
        conn.head = bytearray(arrived)
        conn.timeout = time.monotonic() + HEAD_SECONDS
        if _has_arrived(conn.head):
            self._hand_over(conn)
            return
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._collect, conn))

    def _collect(self, conn: TConn, sock: socket.socket) -> None:
        try:
            data = sock.recv(MAX_HEAD)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn, self.pending_conns)
            return
        conn.head += data
        if _has_arrived(conn.head):
            self.poller.unregister(sock)
            self.pending_conns.remove(conn)
            self._hand_over(conn)

    def _hand_over(self, conn: TConn) -> None:
        conn.parser.unreader.unread(bytes(conn.head))
        conn.parser.unreader.sock.begin()
        conn.head.clear()
        self.working[conn] = time.monotonic()
        self.enqueue_req(conn)

    def _linger(self, conn: TConn) -> None:
        """Say that nothing more comes, and read what is still sent until the client hangs up, for a moment.

        To close at once would let the system throw away what has not been sent of the answer.
        """
        conn.sock.shutdown(socket.SHUT_WR)
        conn.timeout = time.monotonic() + LINGER_SECONDS
        conn.drained = 0
        self.lingering.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))

    def _drain(self, conn: TConn, sock: socket.socket) -> None:
        try:
            count = len(sock.recv(MAX_HEAD))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            count = 0
        conn.drained += count
        if not count or conn.drained > MAX_LINGER_BYTES:
            self._drop(conn, self.lingering)

    def _drop(self, conn: TConn, conns: "deque[TConn]") -> None:
        conns.remove(conn)
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        util.close(conn.sock)


def _has_arrived(head: bytearray) -> bool:
    """Whether a thread can go on: with all of a small request, with the head of a larger one, or to refuse it."""
    end = head.find(b"\r\n\r\n")
    if end < 0:
        return len(head) >= MAX_HEAD
    fields = bytes(head[: end + 2]).lower()
    length = _CONTENT_LENGTH.search(fields)
    # A client that expects "100 Continue" sends no body before it.
    if length is None or int(length[1]) > SMALL_BODY or b"\r\nexpect:" in fields:
        return True
    return len(head) - end - 4 >= int(length[1])


def _is_readable(sock: socket.socket, seconds: float) -> bool:
    poll = select.poll()  # select() knows no descriptor above 1,023
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(1000 * seconds))
