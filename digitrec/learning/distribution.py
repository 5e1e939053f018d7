"""Data parallel training through `keras.distribution`, on JAX."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from digitrec.learning.batches import Batch, Batches
from digitrec.learning.devices import Devices, DevicesError


class EvenBatches(keras.distribution.DataParallel):
    """Divides the batches of training among all devices; what has another size, such as validation's, each has whole.

    Keras' own divides everything, and fails at the last batch of a validation that leaves a remainder. It would not
    save much: validation is a few percent of the work.
    """

    def __init__(self, devices: list[str], share: int) -> None:
        """Take the devices, and the images of a batch that this process has."""
        super().__init__(devices=devices, auto_shard_dataset=False)  # `Share` has done that
        self.share = share

    def get_data_layout(self, data_shape: Any) -> Any:
        """The layout of an array of a batch: divided by its first dimension, or the same on all devices."""
        if data_shape[0] == self.share:
            return super().get_data_layout(data_shape)
        return keras.distribution.TensorLayout([None] * len(data_shape), self.device_mesh)


class Share(keras.utils.PyDataset):
    """The images of each batch that one of several processes has."""

    def __init__(self, batches: Batches, process: int, processes: int) -> None:
        """Take the batches, the number of the process from 0, and how many processes there are."""
        super().__init__()
        size = batches.batch_size // processes
        self.batches, self.rows = batches, slice(process * size, (process + 1) * size)

    def __len__(self) -> int:
        """Batches in an epoch."""
        return len(self.batches)

    def __getitem__(self, index: int) -> Batch:
        """This process' part of a batch."""
        images, labels = self.batches[index]
        return images[self.rows], labels[self.rows]


class Spread:
    """Spreads the training of a run over devices and processes; over none but one by default."""

    def __init__(self, devices: Devices, batch_size: int) -> None:
        """Take what is to train, with all processes connected.

        Args:
            devices: What is to train.
            batch_size: Images in a step, of all devices together.

        Raises:
            DevicesError: There are fewer devices, or the batch does not divide among them.
        """
        self.devices = devices
        self.distribution: EvenBatches | None = None
        if devices.is_usual:
            return
        devices.check(batch_size)
        there = keras.distribution.list_devices()
        wanted = devices.devices or len(there)
        if wanted > len(there):
            raise DevicesError(
                f"there are {len(there)} devices ({', '.join(there)}), and not {wanted}; a CPU counts as one, unless"
                f" XLA_FLAGS=--xla_force_host_platform_device_count={wanted} is set"
            )
        devices.check_batch_size(batch_size, wanted)
        self.distribution = EvenBatches(there[:wanted], batch_size // devices.processes)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block, models are made on all devices and trained on them.

        Raises:
            LostProcessError: Another process has ended, or cannot be reached.
        """
        if self.distribution is None:
            yield
            return
        with self.devices.explained_errors(), self.distribution.scope():
            yield

    def fit_input(self, batches: Batches, fit_input: Any) -> Any:
        """This process' part of the input of `fit`.

        Args:
            batches: The batches.
            fit_input: What `make_fit_input` makes of them.
        """
        if self.devices.processes == 1:
            return fit_input
        return Share(batches, self.devices.process, self.devices.processes)

    def evaluation_batch_size(self) -> int:
        """Images in a batch of validation: of another size than in training, by which they are told apart."""
        return 499 if self.distribution is not None and self.distribution.share == 500 else 500

    def describe(self) -> str:
        """What trains, for the record; empty for one device."""
        if self.distribution is None:
            return ""
        names = [str(name) for name in self.distribution.device_mesh.devices.ravel()]
        return f"{', '.join(names)} in {self.devices.processes} process{'es' if self.devices.processes > 1 else ''}"
