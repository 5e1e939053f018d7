"""The helper process: pictures are decoded in it under limits that hold whatever a file contains.

There is one for each process that needs it, started at the first picture off the fast path. It is another Python that
runs `codec.py` alone, so it needs no `if __name__ == "__main__"` in the caller's program, copies nothing of its memory,
and inherits none of its files. It ends with its parent, after a minute without pictures, and after some hundred of
them. A picture that takes too much CPU time or memory ends it, and the next one starts another.

Where no helper can run (on Windows, in programs packed into one executable, where `sys.executable` is no Python), the
picture is decoded in the caller's process: then the checks of `digitrec.decoding.structure` are all that bounds it.
"""

import atexit
import errno
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import PIL

from digitrec.decoding import codec
from digitrec.decoding.codec import Raster
from digitrec.decoding.limits import CPU_SECONDS, MAX_SIDE, MEMORY, WALL_SECONDS
from digitrec.decoding.structure import Stripped
from digitrec.errors import ImageTooLargeError, InvalidImageError, OverloadedError

BOOT = "import sys; sys.path.append(sys.argv[1]); exec(compile(open(sys.argv[2], 'rb').read(), sys.argv[2], 'exec'))"
"""What the helper's Python runs: it knows the standard library alone, and is shown where Pillow is."""

KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LANG", "LC_ALL")
"""All that the helper needs of the environment, and all it sees of it."""

ATTEMPTS = 3
"""A helper may end of itself in the moment in which it is asked. More often than once in a row it does not."""

SHORTAGES = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""What keeps a process from starting now, and not for good."""

OVERLOADED = "the server has too much to do to decode this picture; try again in a moment"


class _EndedError(Exception):
    """The helper is gone; its exit status is the argument."""


class _NoHelperError(Exception):
    """This Python cannot run one."""


class _Helper:
    """A running helper process, and its pipes."""

    def __init__(self, deadline: float) -> None:
        """Start it, and wait until it is ready.

        Args:
            deadline: When to give up, in seconds of `time.monotonic`.
        """
        packages = str(Path(PIL.__file__).parents[1])
        command = [sys.executable, "-I", "-S", "-c", BOOT, packages, codec.__file__]
        environment = {name: value for name, value in os.environ.items() if name in KEPT_ENVIRONMENT}
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what decoders have to say of a stranger's file
                bufsize=0,
                env=environment,
            )
        except OSError as error:
            if error.errno in SHORTAGES:
                raise
            raise _NoHelperError from error
        assert self.process.stdin
        assert self.process.stdout
        self._in, self._out = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        try:
            if self.ask(codec.LIMITS.pack(CPU_SECONDS, MEMORY), 1, deadline) != codec.READY:
                raise _NoHelperError
        except _EndedError as ended:
            self.close()
            if ended.args[0] == -signal.SIGKILL:
                raise
            raise _NoHelperError from ended
        except BaseException:
            self.close()
            raise

    def decode(self, picture: Stripped, deadline: float) -> tuple[bytes, Raster]:
        """Have a picture decoded. Returns how it went, and its pixels."""
        size = *picture.size, picture.orientation, MAX_SIDE
        request = codec.REQUEST.pack(picture.kind.encode(), len(picture.data), *size)
        self.ask(request, 0, deadline)
        head = self.ask(picture.data, codec.ANSWER.size, deadline)
        how, mode, width, height, length = codec.ANSWER.unpack(head)
        return how, Raster(mode.rstrip(b"\0").decode(), (width, height), self.ask(b"", length, deadline))

    def ask(self, question: bytes, length: int, deadline: float) -> bytes:
        """Send something, and wait for an answer of so many bytes.

        Raises:
            _EndedError: The process has ended.
            TimeoutError: The deadline is over.
        """
        left, answer = memoryview(question), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if left:
                selector.register(self._in, selectors.EVENT_WRITE)
            while left or len(answer) < length:
                ready = selector.select(max(deadline - time.monotonic(), 0))
                if not ready and time.monotonic() >= deadline:
                    raise TimeoutError
                for key, _ in ready:
                    if key.fd == self._in:
                        try:
                            left = left[os.write(self._in, left) :]
                        except BlockingIOError:
                            continue
                        except BrokenPipeError:
                            raise _EndedError(self.process.wait(WALL_SECONDS)) from None
                        if not left:
                            selector.unregister(self._in)
                    else:
                        part = os.read(self._out, length - len(answer) or 1)
                        if not part:
                            raise _EndedError(self.process.wait(WALL_SECONDS))
                        answer += part
        return bytes(answer)

    def close(self) -> None:
        """End the process, whatever it is at."""
        self.process.kill()
        self.process.wait()
        self.forget()

    def forget(self) -> None:
        """Let go of the pipes."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


class _Turns:
    """One helper for all threads of this process, which take turns."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.helper: _Helper | None = None
        self.possible = hasattr(signal, "setitimer") and bool(sys.executable) and not getattr(sys, "frozen", False)
        self.prepared = False

    def decode(self, picture: Stripped) -> Raster:
        """See the module's `decode`."""
        if not self.possible:
            return _decode_here(picture)
        if not self.lock.acquire(timeout=WALL_SECONDS):
            raise OverloadedError(OVERLOADED)
        try:
            raster = self._decode(picture, time.monotonic() + WALL_SECONDS)
        except _NoHelperError:
            self.possible = False
            logging.getLogger(__name__).warning(
                "%s cannot run a helper process; pictures are decoded without one", sys.executable
            )
        except (OSError, subprocess.SubprocessError) as error:  # TimeoutError, and no process or memory to be had
            self.drop()
            raise OverloadedError(OVERLOADED) from error
        except BaseException:  # such as Ctrl-C, with half an answer in the pipe
            self.drop()
            raise
        else:
            if raster is None:
                raise ValueError("its decoder refuses it")
            return raster
        finally:
            self.lock.release()
        return _decode_here(picture)

    def _decode(self, picture: Stripped, deadline: float) -> Raster | None:
        """Have a picture decoded; None where Pillow finds it broken."""
        for _ in range(ATTEMPTS):
            try:
                if self.helper is None:
                    self._prepare()
                    self.helper = _Helper(deadline)
                how, raster = self.helper.decode(picture, deadline)
            except _EndedError as ended:
                self.drop()
                status = ended.args[0]
                if status == 0:  # of itself, before it was asked
                    continue
                raise _refusal(status) from None
            if how == codec.DONE:
                return raster
            if how == codec.NO_MEMORY:
                self.drop()
                raise ImageTooLargeError(
                    f"the picture takes more than {MEMORY // 10**6} MB to decode; scale it down first"
                )
            return None
        raise OverloadedError(OVERLOADED)

    def _prepare(self) -> None:
        """At the first use, see to it that the helper ends with this process, and is not shared with its forks."""
        if not self.prepared:
            self.prepared = True
            atexit.register(self.drop)
            os.register_at_fork(after_in_child=self._after_fork)

    def _after_fork(self) -> None:
        """In a new process, leave the helper to the old one."""
        if self.helper:
            self.helper.process.returncode = 0  # it is no child of this process
            self.helper.forget()
        self.helper, self.lock = None, threading.Lock()

    def drop(self) -> None:
        """End the helper, if there is one."""
        helper, self.helper = self.helper, None
        if helper:
            helper.close()


_turns = _Turns()


def decode(picture: Stripped) -> Raster:
    """Decode a picture in the helper process, after those of other threads.

    Raises:
        ImageTooLargeError: It took more than `CPU_SECONDS` or `MEMORY`.
        InvalidImageError: It broke the decoder.
        OverloadedError: No answer within `WALL_SECONDS`, or no process or memory to be had.
        Exception: Whatever Pillow raises of a broken file; from the helper, a ValueError.
    """
    return _turns.decode(picture)


def close() -> None:
    """End the helper process, if there is one; the next picture that needs one starts another."""
    with _turns.lock:
        _turns.drop()


def process_ids() -> list[int]:
    """The process number of the helper, if there is one."""
    return [_turns.helper.process.pid] if _turns.helper else []


def _decode_here(picture: Stripped) -> Raster:
    return codec.decode(picture.kind, picture.data, picture.size, picture.orientation, MAX_SIDE)


def _refusal(status: int) -> ImageTooLargeError | InvalidImageError | OverloadedError:
    """Why a helper process that ended with this status gave no answer."""
    if status == -signal.SIGPROF:
        return ImageTooLargeError(
            f"the picture takes more than {CPU_SECONDS} seconds to decode; save it again as PNG, or scale it down first"
        )
    if status < 0 and status not in (-signal.SIGKILL, -signal.SIGTERM):
        return InvalidImageError(
            "the picture breaks its decoder; pass one that opens elsewhere, or save it again as PNG"
        )
    return OverloadedError(OVERLOADED)  # by the system, for want of memory, or by whoever ends processes
