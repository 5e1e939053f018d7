"""A helper process from the outside: how it is started, asked and ended."""

import errno
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

import PIL

from digitrec.decoding import codec, limits
from digitrec.decoding.codec import Raster
from digitrec.decoding.structure import Stripped

BOOT = "import sys; sys.path.append(sys.argv[1]); exec(compile(open(sys.argv[2], 'rb').read(), sys.argv[2], 'exec'))"
"""What the helper's Python runs: it knows the standard library alone, and is shown where Pillow is."""

KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LANG", "LC_ALL")
"""All that the helper needs of the environment, and all it sees of it."""

SHORTAGES = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""What keeps a process from starting now, and not for good."""


class EndedError(Exception):
    """The helper is gone; its exit status is the argument."""


class NoHelperError(Exception):
    """This Python cannot run one."""


class HelperProcess:
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
            raise NoHelperError from error
        assert self.process.stdin
        assert self.process.stdout
        self._in, self._out = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        try:
            if self.ask(codec.LIMITS.pack(limits.CPU_SECONDS, limits.MEMORY), 1, deadline) != codec.READY:
                raise NoHelperError
        except EndedError as ended:
            self.close()
            if ended.args[0] == -signal.SIGKILL:
                raise
            raise NoHelperError from ended
        except BaseException:
            self.close()
            raise

    def decode(self, picture: Stripped, deadline: float) -> tuple[bytes, Raster]:
        """Have a picture decoded. Returns how it went, and its pixels."""
        size = *picture.size, picture.orientation, limits.MAX_SIDE
        request = codec.REQUEST.pack(picture.kind.encode(), len(picture.data), *size)
        self.ask(request, 0, deadline)
        head = self.ask(picture.data, codec.ANSWER.size, deadline)
        how, mode, width, height, length = codec.ANSWER.unpack(head)
        return how, Raster(mode.rstrip(b"\0").decode(), (width, height), self.ask(b"", length, deadline))

    def ask(self, question: bytes, length: int, deadline: float) -> bytes:
        """Send something, and wait for an answer of so many bytes.

        Raises:
            EndedError: The process has ended.
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
                            raise EndedError(self.process.wait(limits.ANSWER_SECONDS)) from None
                        if not left:
                            selector.unregister(self._in)
                    else:
                        part = os.read(self._out, length - len(answer) or 1)
                        if not part:
                            raise EndedError(self.process.wait(limits.ANSWER_SECONDS))
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
