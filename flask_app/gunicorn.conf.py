"""Configure gunicorn: gunicorn -c flask_app/gunicorn.conf.py "flask_app:create_app()"."""
# ruff: noqa: N999  (gunicorn expects this file name)

import contextlib
import ctypes
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger


class RedactingLogger(Logger):
    """Logs no text or address of a client, as the app does; gunicorn puts both into two of its messages."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log a warning; of an invalid request, only that it came."""
        if msg.startswith("Invalid request"):
            msg, args = "refused an invalid HTTP request", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log a failure with its traceback, without the address of the request."""
        if msg.startswith("Error handling request"):
            msg, args = "failed before the app received the request", ()
        if msg.startswith("Socket error"):  # a client that took nothing of its answer, or said nothing more
            super().warning("A connection broke, or its client was too slow")
            return
        super().exception(msg, *args, **kwargs)


def load_worker() -> Any:
    """The worker's class, from a file of this package that is loaded by its path.

    To import the package would import the app, in this process, from which workers are forked; see below.
    """
    spec = importlib.util.spec_from_file_location("gunicorn_worker", Path(__file__).with_name("gunicorn_worker.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Worker


def return_freed_memory() -> None:
    """Let glibc return large blocks of memory to the system as soon as they are freed.

    By default, glibc keeps blocks of up to 32 MB for reuse once it has seen one freed, in each thread separately: ten
    thousand broken images, a few of them unpacked to millions of pixels, cost a server 160 MB permanently.
    """
    mmap_threshold, trim_threshold = -3, -1  # M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h
    with contextlib.suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(mmap_threshold, 2**20)  # a canvas and its ink are smaller, so their blocks are reused
        mallopt(trim_threshold, 2**23)


return_freed_memory()  # the forked workers inherit the setting

# Check that the app can be made, because gunicorn hides the reason of a failure between two tracebacks of its worker.
# It is checked in another process, because ONNX Runtime starts threads when it is imported, and a worker that is forked
# after that aborts or hangs when it stops. For the same reason nothing is preloaded.
checked = subprocess.run([sys.executable, "-m", "flask_app.check"], stdout=subprocess.PIPE, text=True, check=False)
if checked.returncode:
    raise SystemExit(checked.returncode)
settings = json.loads(checked.stdout)

bind = settings["bind"]
# One process: ONNX Runtime releases the interpreter's lock while it computes, so threads are enough, and the rotating
# log file has a single writer. Two threads answer; the setting limits how many there are while some of them wait.
workers = 1
preload_app = False
worker_class = load_worker()
worker_connections = 500  # a process may have 1,024 files open, and a connection may need two
umask = 0o077  # what is written is for this user alone
threads = settings["threads"]
timeout = 30  # seconds before an unresponsive worker is replaced
graceful_timeout = 10  # seconds for unfinished requests when the server stops
keepalive = 5  # seconds; live answers while drawing reuse the connection
logger_class = RedactingLogger
control_socket_disable = True  # nothing controls this server at run time
