"""How gunicorn serves the app: gunicorn -c flask_app/gunicorn.conf.py "flask_app:create_app()"."""
# ruff: noqa: N999  (gunicorn looks for a file of this name)

import contextlib
import ctypes
import json
import subprocess
import sys
from concurrent.futures import Executor
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker


class DiscreetLogger(Logger):
    """Logs no client's own words and no addresses, as the app does; gunicorn puts both into two of its messages."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log a warning; of what was no request, only that it came."""
        if msg.startswith("Invalid request"):
            msg, args = "What came was no HTTP request, and was refused", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log a failure with its traceback, without the address that was asked for."""
        if msg.startswith("Error handling request"):
            msg, args = "Failed before the app was asked", ()
        super().exception(msg, *args, **kwargs)


class Worker(ThreadWorker):
    """A worker with threads that are few at work, and more only while some are held up."""

    def get_thread_pool(self) -> Executor:
        """Make the threads, in the worker's own process."""
        from flask_app.threads import ElasticThreads  # no sooner: what it comes with must not be there before the fork

        return ElasticThreads(self.cfg.threads)


def give_memory_back() -> None:
    """Have large blocks of memory go back to the system as soon as they are free, where glibc is the C library.

    By itself, glibc keeps blocks of up to 32 MB for later once it has seen one freed, for each thread apart: ten
    thousand broken pictures, a few of them unpacked to millions of pixels, cost a server 160 MB for good.
    """
    mmap_threshold, trim_threshold = -3, -1  # M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h
    with contextlib.suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(mmap_threshold, 2**20)  # a canvas and its ink are smaller, and their blocks are used again
        mallopt(trim_threshold, 2**23)


give_memory_back()  # workers are forked, and so are this process' settings

# The app is made here first, because gunicorn buries what its worker says of a failure in two tracebacks; and in a
# process of its own, because a fork leaves the threads behind that ONNX Runtime starts when it is imported: a worker
# forked after that aborts when it stops, or hangs. For the same reason nothing is preloaded.
checked = subprocess.run([sys.executable, "-m", "flask_app.check"], stdout=subprocess.PIPE, text=True, check=False)
if checked.returncode:
    raise SystemExit(checked.returncode)
settings = json.loads(checked.stdout)

bind = settings["bind"]
# One process: ONNX Runtime lets go of the interpreter's lock while it computes, so threads share
# the work, and the rotating log file has a single writer. Of its threads two are at work; the setting
# says how many there may be while some are held up.
workers = 1
preload_app = False
worker_class = Worker
threads = settings["threads"]
timeout = 30  # seconds without a sign of life before the worker is replaced
graceful_timeout = 10  # seconds for requests under way when the server is stopped
keepalive = 5  # seconds; live answers while drawing reuse the connection
logger_class = DiscreetLogger
control_socket_disable = True  # nothing administers this server at run time
