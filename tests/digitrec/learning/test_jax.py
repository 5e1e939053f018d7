"""Training on other Keras backends than TensorFlow, here JAX; on several devices and in several processes.

JAX splits the CPU into two devices. Each process is one of its own.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.servers import free_port
from digitrec.learning.runs.run import list_runs

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed; see group test")

ROOT = Path(__file__).parents[3]

# The second process ends as kill -9 does, in the middle of the second epoch. Validation has no even share for two.
START = """
import os, sys
from pathlib import Path
from digitrec.learning.devices import Devices, LostProcessError, leave_others
root, numbers = Path(sys.argv[1]), sys.argv[2:]
devices = Devices(processes=2, process=int(numbers[0]), coordinator=numbers[1]) if numbers else Devices()
devices.connect()
import keras
import numpy as np
from digitrec.learning import callbacks
from digitrec.learning.distribution import Spread
from digitrec.learning.runs.run import list_runs
from tests.support.small_data import bars_to_train_on, small_config
from tests.support.training import fit

assert keras.backend.backend() == "jax"
config = small_config(epochs=2, corruption=0.25)
data = bars_to_train_on(223)
assert len(data.validation) % 2

def fit_on(root, devices, run=None):
    return fit(root, config, run, data, spread=Spread(devices, config.batch_size))

class Kill(BaseException):
    pass

class Killed(callbacks.Progress):
    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1 and batch == 2:
            die()
"""

ONE_OF_TWO = f"""{START}
def die():
    if devices.process:
        os._exit(9)

callbacks.Progress = Killed
try:
    with devices.own_directory(root / "in-two", None) as (own, _):
        fit_on(own, devices)
except LostProcessError as error:
    print(error)
    leave_others(1)
"""

ALONE = f"""{START}
from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.learning.models.checkpoints import load_cnn
from digitrec.learning.models.cnn import build_recognizer

def die():
    raise Kill

def assert_same_curve(run):
    assert run.status.state == "done", run.status
    for row, expected in zip(run.history(), history, strict=True):
        for name, value in expected.items():
            np.testing.assert_allclose(row[name], value, rtol=2e-3, atol=2e-3, err_msg=name)

run = fit(root, config, data=data)
assert run.status.state == "done", run.status
history = run.history()
assert history[1]["loss"] < history[0]["loss"]

whole, callbacks.Progress = callbacks.Progress, Killed
try:
    fit(root / "killed", config, data=data)
except Kill:
    pass
callbacks.Progress = whole
(killed,) = list_runs(root / "killed")
assert len(killed.history()) == 1
resumed = fit(root, config, killed, data)
assert resumed.history() == history, (resumed.history(), history)  # so that the seed decides all, too

on_two = fit_on(root / "on-two", Devices(2))
assert on_two.read_json("provenance.json")["devices"] == "cpu:0, cpu:1 in 1 process"
assert_same_curve(on_two)

(in_two,) = list_runs(root / "in-two")
assert in_two.status.state == "stopped", in_two.status
assert len(in_two.history()) == 1
assert in_two.read_json("provenance.json")["devices"].endswith("in 2 processes")
assert_same_curve(fit_on(root, Devices(2), in_two))

recognizer = build_recognizer(load_cnn(on_two), Calibration())
assert recognizer(np.random.default_rng(0).random((2, 40, 50), np.float32))["probabilities"].shape == (2, 10)
print("trained on", keras.backend.backend())
"""


def start(code, root, *numbers, devices=1):
    # Most of the time goes into compiling: hardly optimized, and what one process compiled is read by the others.
    environ = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "JAX_COMPILATION_CACHE_DIR": str(root / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices} --xla_backend_optimization_level=0"
        " --xla_llvm_disable_expensive_passes=true --xla_cpu_use_fusion_emitters=false",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", code, str(root / "runs"), *map(str, numbers)]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_training_and_resuming_on_jax_on_one_device_on_two_and_in_two_processes(tmp_path):
    address = f"127.0.0.1:{free_port()}"
    pair = [start(ONE_OF_TWO, tmp_path, number, address) for number in range(2)]
    try:
        for process, status in zip(pair, (1, 9), strict=True):
            said, _ = process.communicate(timeout=300)
            assert process.returncode == status, said[-3000:]
            assert status == 9 or "another of the 2 processes has ended" in said, said[-3000:]
    finally:
        for process in pair:
            process.kill()
            process.wait()
            process.stdout.close()
    (run,) = list_runs(tmp_path / "runs" / "in-two")  # one of them writes
    assert len(run.history()) == 1

    alone = start(ALONE, tmp_path, devices=2)
    said, _ = alone.communicate(timeout=300)
    assert alone.returncode == 0, said[-3000:]
    assert "trained on jax" in said
