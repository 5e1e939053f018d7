"""Which devices and processes train a run together, and what cannot be; checked before Keras is imported.

Data parallel: each device computes its share of every batch, and the gradients are averaged, so the run is the same as
on one device at the same batch size, but for the order of sums.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from digitrec.errors import DigitrecError
from digitrec.learning.runs.lifecycle import StoppedError
from digitrec.learning.runs.run import Run

CONNECT_SECONDS = 300
"""How long a process waits until all others are there."""


LOST = ("Gloo", "NCCL", "by peer", "heartbeat", "coordination service")
"""What JAX's errors name where another process cannot be reached any more."""


class DevicesError(DigitrecError):
    """Devices or processes that cannot train together."""


class LostProcessError(DevicesError, StoppedError):
    """Another process of the run has ended, or cannot be reached: the run is stopped."""


@dataclass(frozen=True)
class Devices:
    """What trains a run.

    Attributes:
        devices: How many devices of this machine; None for one, or for all where there are several processes.
        processes: How many processes, each on its own devices.
        process: Which of them this is, from 0. The first writes the run directory.
        coordinator: Where the first listens for the others, `HOST:PORT`.

    Raises:
        DevicesError: Numbers that do not go together.
    """

    devices: int | None = None
    processes: int = 1
    process: int = 0
    coordinator: str = ""

    def __post_init__(self) -> None:
        """Refuse numbers that do not go together."""
        if self.processes == 1 and (self.process or self.coordinator):
            raise DevicesError("--process and --coordinator are for several processes; say how many by --processes")
        if self.processes == 1:
            return
        if self.process >= self.processes:
            raise DevicesError(f"--process is {self.process}; {self.processes} processes are 0 to {self.processes - 1}")
        if not re.fullmatch(r"[A-Za-z0-9_.-]+:\d{1,5}", self.coordinator):
            raise DevicesError(
                f"--coordinator is {self.coordinator!r}; give HOST:PORT, where process 0 runs and a port that is free"
            )
        if self.devices is not None:
            raise DevicesError("several processes use all devices of each; leave out --devices")

    @property
    def is_usual(self) -> bool:
        """Whether one process trains on one device, as without any flag."""
        return self.processes == 1 and self.devices in (None, 1)

    def check(self, batch_size: int) -> None:
        """Refuse what can be known to fail before Keras is imported.

        Args:
            batch_size: Images in a step, of all devices together.

        Raises:
            DevicesError: Keras' backend is not JAX: the data parallelism of the others is another, in which callbacks
                that change the learning rate or the weights, as on a plateau, do not reach all devices. Or the batch
                does not divide evenly.
        """
        self.check_batch_size(batch_size, self.devices or self.processes)
        backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
        if not self.is_usual and backend != "jax":
            raise DevicesError(
                f"several devices train together on JAX alone, and KERAS_BACKEND is {backend!r}; set KERAS_BACKEND=jax"
            )

    def check_batch_size(self, batch_size: int, devices: int) -> None:
        """Refuse batches that cannot be divided evenly: their mean would not be the mean of the devices' means.

        Args:
            batch_size: Images in a step, of all devices together.
            devices: How many devices there are in all.

        Raises:
            DevicesError: It names the nearest sizes that can be.
        """
        if batch_size % devices:
            near = [size for size in (batch_size // devices * devices, -(-batch_size // devices) * devices) if size]
            raise DevicesError(
                f"a batch of {batch_size} images does not divide among {devices} devices; set --batch-size to"
                f" {' or '.join(map(str, near))}"
            )

    def connect(self) -> None:
        """Wait until all processes are there, and have JAX see the devices of all. Before Keras is imported.

        Raises:
            DevicesError: They do not all come.
        """
        if self.processes == 1:
            return
        import jax

        try:
            jax.distributed.initialize(
                self.coordinator, self.processes, self.process, initialization_timeout=CONNECT_SECONDS
            )
        except (RuntimeError, ValueError) as error:
            raise DevicesError(
                f"process {self.process} of {self.processes} finds no others at {self.coordinator}: {error}"
            ) from error

    @contextmanager
    def explained_errors(self) -> Iterator[None]:
        """Train within the block: where another process is lost, that is said, and not which of JAX's steps failed.

        Raises:
            LostProcessError: Another process has ended, or cannot be reached.
        """
        try:
            yield
        except RuntimeError as error:  # JAX's own is one
            if self.processes == 1 or not any(word in str(error) for word in LOST):
                raise
            raise LostProcessError(
                f"another of the {self.processes} processes has ended or cannot be reached; start all of them again"
            ) from error

    @contextmanager
    def own_directory(self, root: Path, run: Run | None) -> Iterator[tuple[Path, Run | None]]:
        """Give each process but the first a run directory of its own, which goes when the block ends.

        All of them resume from the same backup, and write the same files. So none needs to know which of its callbacks
        write, and those of the first are the run.

        Args:
            root: The folder of run directories.
            run: The run to resume; None for a new one.

        Yields:
            Both, as this process is to use them.
        """
        if not self.process:
            yield root, run
            return
        with tempfile.TemporaryDirectory(prefix="digitrec-process-") as folder:
            if run is not None:
                copy = Path(folder) / run.name
                shutil.copytree(run.path, copy, ignore=shutil.ignore_patterns(".*", "stop-requested"))
                run = Run(copy)
            yield Path(folder), run


def leave_others(status: int) -> None:
    """End this process at once if it fails while JAX connects it to others.

    At the end of a Python, JAX waits until all processes are at theirs. It would wait a hundred seconds for one that is
    gone, and then abort with its own messages.

    Args:
        status: The exit status; at 0, nothing is done.
    """
    jax = sys.modules.get("jax")
    if status and jax is not None and jax.distributed.is_initialized():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
