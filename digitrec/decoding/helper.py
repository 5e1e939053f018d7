"""The helper process: pictures are decoded in it under limits that hold whatever a file contains.

There is one for each process that needs it, started at the first picture off the fast path. It is another Python that
runs `codec.py` alone, so it needs no `if __name__ == "__main__"` in the caller's program, copies nothing of its memory,
and inherits none of its files. It ends with its parent, after a minute without pictures, and after some hundred of
them. A picture that takes too much CPU time or memory ends it, and the next one starts another.

Where no helper can run (on Windows, in programs packed into one executable, where `sys.executable` is no Python), the
picture is decoded in the caller's process: then the checks of `digitrec.decoding.structure` are all that bounds it.
"""

import atexit
import logging
import os
import signal
import subprocess
import sys
import threading
import time

from digitrec.decoding import codec, limits
from digitrec.decoding.codec import Raster
from digitrec.decoding.process import EndedError, HelperProcess, NoHelperError
from digitrec.decoding.structure import Stripped
from digitrec.errors import ImageTooLargeError, InvalidImageError, OverloadedError

ATTEMPTS = 3
"""A helper may end of itself in the moment in which it is asked. More often than once in a row it does not."""

OVERLOADED = "this machine has too much to do to decode this picture; try again in a moment"


class _Turns:
    """One helper for all threads of this process, which take turns."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.helper: HelperProcess | None = None
        self.possible = hasattr(signal, "setitimer") and bool(sys.executable) and not getattr(sys, "frozen", False)
        self.prepared = False

    def decode(self, picture: Stripped) -> Raster:
        """See the module's `decode`."""
        if not self.possible:
            return _decode_here(picture)
        self._prepare()  # before the lock is held: a fork from here on has a free one
        if not self.lock.acquire(timeout=limits.TURN_SECONDS):
            raise OverloadedError(OVERLOADED)
        try:
            raster = self._decode(picture, time.monotonic() + limits.ANSWER_SECONDS)
        except NoHelperError:
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
                    self.helper = HelperProcess(deadline)
                how, raster = self.helper.decode(picture, deadline)
            except EndedError as ended:
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
                    f"the picture takes more than {limits.MEMORY // 10**6} MB to decode; scale it down first"
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
        OverloadedError: No turn within `TURN_SECONDS`, no answer within `ANSWER_SECONDS`, or no process or memory to
            be had.
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
    return codec.decode(picture.kind, picture.data, picture.size, picture.orientation, limits.MAX_SIDE)


def _refusal(status: int) -> ImageTooLargeError | InvalidImageError | OverloadedError:
    """Why a helper process that ended with this status gave no answer."""
    if status == -signal.SIGPROF:
        return ImageTooLargeError(
            f"the picture takes more than {limits.CPU_SECONDS} seconds to decode; scale it down first or save it as PNG"
        )
    if status < 0 and status not in (-signal.SIGKILL, -signal.SIGTERM):
        return InvalidImageError(
            "the picture breaks its decoder; pass one that opens elsewhere, or save it again as PNG"
        )
    return OverloadedError(OVERLOADED)  # by the system, for want of memory, or by a person who ends processes
