"""Other networks beside the shipped one: what each costs, and what it learns in a short training.

`python -m benchmarks.accuracy.networks` builds networks that differ in one thing: width, depth, pooling, convolutions,
attention. It times each in ONNX Runtime and trains it by the shipped recipe, shortened, with several seeds, on part of
the training data. Validation alone judges: MNIST images held out, and drawings by writers that are not trained on.
Results are kept in a file, so that the command can be stopped and started. What wins here is worth a long training.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command import machine, run_resumable
from benchmarks.rounds import measure_in_rounds
from digitrec.artifacts import read_card
from digitrec.files import write_json
from digitrec.learning.config import TrainConfig

SQUEEZE = 8
"""By how many times fewer units attention has than there are channels."""


@dataclass(frozen=True)
class Network:
    """In what a network may differ from the shipped one, whose values are the defaults.

    Attributes:
        width: Filters of the first block.
        depth: Convolutions before each pooling.
        pooling: `max`, `average`, or `stride` for a step of two in the convolution instead.
        separable: Whether all convolutions but the first are depthwise separable (Howard et al. 2017, "MobileNets").
        attention: Whether channels are weighed after each block (Hu et al. 2018, "Squeeze-and-excitation networks").
        residual: Whether each block's input is added to the output of its inner convolutions (He et al. 2016).
    """

    width: int = 32
    depth: int = 3
    pooling: str = "max"
    separable: bool = False
    attention: bool = False
    residual: bool = False


NETWORKS = {
    "as shipped": Network(),
    "half the width": Network(width=16),
    "half as wide again": Network(width=48),
    "two convolutions before each pooling": Network(depth=2),
    "four": Network(depth=4),
    "average pooling": Network(pooling="average"),
    "strides instead of pooling": Network(pooling="stride"),
    "depthwise separable": Network(separable=True),
    "depthwise separable, twice the width": Network(separable=True, width=64),
    "squeeze-and-excitation": Network(attention=True),
    "residual": Network(residual=True),
}
"""By name."""


def build_network(network: Network, dropout: float) -> Any:
    """Build a network, untrained: a `keras.Model` from (n, 28, 28, 1) ink to (n, 11) logits, as `build_cnn` does."""
    import keras

    from digitrec.learning.models.cnn import LOGITS

    layers = keras.layers
    ink = keras.Input((28, 28, 1), name="frame")
    x = layers.ZeroPadding2D(network.depth)(ink)
    for filters in (network.width, 2 * network.width):
        for number in range(1, network.depth + 1):
            inner = 1 < number < network.depth
            before = x
            x = _convolve(x, filters, network, pool=number == network.depth)
            if network.residual and inner:
                x = layers.Add()([x, layers.Cropping2D(1)(before)])
        if network.attention:
            weights = layers.Dense(filters // SQUEEZE, activation="relu")(layers.GlobalAveragePooling2D()(x))
            weights = layers.Dense(filters, activation="sigmoid")(weights)
            x = layers.Multiply()([x, layers.Reshape((1, 1, filters))(weights)])
    x = layers.Dropout(dropout / 2)(x)
    x = _convolve(x, 6 * network.width, network)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    return keras.Model(ink, layers.Dense(LOGITS, dtype="float32", name="logits")(x), name="cnn")


def _convolve(x: Any, filters: int, network: Network, *, pool: bool = False) -> Any:
    from keras import layers

    separable = network.separable and x.shape[-1] > 1
    kind = layers.SeparableConv2D if separable else layers.Conv2D
    stride = 2 if pool and network.pooling == "stride" else 1
    x = kind(filters, 3, strides=stride, use_bias=False)(x)
    if pool and network.pooling != "stride":
        x = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}[network.pooling](2)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def train_network(network: Network, config: TrainConfig, data: Any) -> dict[str, Any]:
    """Train a network and judge it on validation.

    Args:
        network: What is trained.
        config: The recipe and the seed; what it says of the network itself does not count.
        data: `TrainingData`.

    Returns:
        `wrong`, by source of the validation data, the share read wrong; `loss`, the cross-entropy on all of them.
    """
    import keras

    from digitrec.learning.batches import Batches, make_fit_input
    from digitrec.learning.callbacks import ShuffleEachEpoch
    from digitrec.learning.models.cnn import compute_logits
    from digitrec.learning.recipe import build_augmentation_layers, build_loss, build_optimizer
    from digitrec.learning.trainer import make_deterministic

    make_deterministic(config.seed)
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(config.precision)
    try:
        cnn = build_network(network, config.dropout)
        x = ink = keras.Input((28, 28, 1), name="ink", dtype="float32")
        for layer in build_augmentation_layers(config):
            x = layer(x)
        model = keras.Model(ink, cnn(x))
        batches = Batches(data.train, config.batch_size, config.seed)
        model.compile(optimizer=build_optimizer(config, len(batches)), loss=build_loss(config))
        shuffle = ShuffleEachEpoch(batches)
        model.fit(make_fit_input(batches), epochs=config.epochs, callbacks=[shuffle], verbose=0, shuffle=False)
    finally:
        keras.config.set_dtype_policy(usual)
    wrong, losses = {}, []
    for name, part in data.validation_by_source.items():
        logits = compute_logits(cnn, part).astype(np.float64)
        wrong[name] = float((logits[:, :10].argmax(1) != part.labels).mean())
        losses.append(np.logaddexp.reduce(logits, 1) - logits[np.arange(len(part)), part.labels])
    return {"wrong": wrong, "loss": float(np.concatenate(losses).mean())}


def measure_cost(networks: Mapping[str, Network], rounds: int) -> dict[str, dict[str, float]]:
    """Count each network's weights, and time it on one frame in ONNX Runtime with one thread.

    Returns:
        By name, `weights` and `time`, the median of its time as a multiple of the first one's in the same round.
    """
    calls, weights = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, network) in enumerate(networks.items()):
            cnn = build_network(network, 0.0)
            weights[name] = cnn.count_params()
            calls[name] = _session(cnn, Path(folder) / f"{number}.onnx")
        times = measure_in_rounds(calls, rounds)
    first = next(iter(times.values()))
    return {
        name: {"weights": weights[name], "time": statistics.median(a / b for a, b in zip(figures, first, strict=True))}
        for name, figures in times.items()
    }


def _session(cnn: Any, file: Path) -> Callable[[], float]:
    import onnxruntime as ort

    frame = np.random.default_rng(0).random((1, 28, 28, 1), np.float32)
    cnn(frame)  # Keras exports no model that has never been called
    cnn.export(file, format="onnx", verbose=False)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: frame}

    def run() -> float:
        start = time.perf_counter()
        for _ in range(20):
            session.run(None, feed)
        return (time.perf_counter() - start) / 20

    run()
    return run


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible, 130 stopped."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.networks", description=__doc__)
    parser.add_argument("--epochs", type=int, default=4, help="passes over the images (default: 4)")
    parser.add_argument("--images", type=int, default=40_000, help="images to train on, chosen at random")
    parser.add_argument("--seeds", default="1,2,3", help="seeds, with commas between them (default: 1,2,3)")
    parser.add_argument("--only", action="append", choices=list(NETWORKS), help="a network; may be repeated")
    parser.add_argument("--rounds", type=int, default=40, help="rounds of timing (default: 40)")
    parser.add_argument(
        "--results", type=Path, default=Path("runs/networks.json"), metavar="FILE", help="where results are kept"
    )
    flags = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return run_resumable(lambda: _compare(flags))


def _compare(flags: argparse.Namespace) -> None:
    networks = {name: NETWORKS[name] for name in flags.only or NETWORKS}
    results = _train_all(networks, flags)
    print(table(results, measure_cost(networks, flags.rounds)))
    print("\n" + "; ".join(f"{name} {value}" for name, value in machine().items() if value))


def _train_all(networks: Mapping[str, Network], flags: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    from digitrec.learning.data.training_data import load_training_data

    shipped = TrainConfig.from_older(read_card()["training"]["config"])
    config = replace(shipped, epochs=flags.epochs, start_from="", learning_rate=TrainConfig.learning_rate)
    known = json.loads(flags.results.read_text(encoding="utf-8")) if flags.results.is_file() else {}
    data = load_training_data(config)
    chosen = np.random.default_rng(0).permutation(len(data.train))[: flags.images]
    data = replace(data, train=data.train.take(np.sort(chosen)))
    results: dict[str, list[dict[str, Any]]] = {}
    for seed in map(int, flags.seeds.split(",")):  # the outer loop, so that stopping early leaves all with as many
        for name, network in networks.items():
            key = f"{name}, {flags.epochs} epochs of {len(data.train)} images, seed {seed}"
            if key not in known:
                known[key] = train_network(network, replace(config, seed=seed), data)
                flags.results.parent.mkdir(parents=True, exist_ok=True)
                write_json(flags.results, known)
                print(f"{key}: {known[key]}", file=sys.stderr, flush=True)
            results.setdefault(name, []).append(known[key])
    return results


def table(results: Mapping[str, Sequence[Mapping[str, Any]]], costs: Mapping[str, Mapping[str, float]]) -> str:
    """A Markdown row for each network: its cost, and its errors and loss, mean and range over the seeds."""
    kinds = list(next(iter(results.values()))[0]["wrong"])
    titles = [{"mnist": "MNIST, wrong", "csv": "drawings, wrong"}.get(kind, kind) for kind in kinds]
    lines = [["network", "weights", "time", *titles, "loss", "range of the loss"], ["---"] * (len(kinds) + 5)]
    for name, runs in results.items():
        wrong = [f"{statistics.mean(run['wrong'][kind] for run in runs):.2%}".replace("%", " %") for kind in kinds]
        losses = [run["loss"] for run in runs]
        cost = [f"{costs[name]['weights']:,.0f}", f"{costs[name]['time']:.2f}"]
        lines.append([name, *cost, *wrong, f"{statistics.mean(losses):.4f}", f"{min(losses):.4f} - {max(losses):.4f}"])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    sys.exit(main())
