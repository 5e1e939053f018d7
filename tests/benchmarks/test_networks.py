"""The benchmark of other networks: each can be built, trained and timed, and the table says what came of it."""

import numpy as np
import pytest

from benchmarks.accuracy import networks
from benchmarks.accuracy.networks import NETWORKS, Network, build_network, measure_cost, train_network
from digitrec.learning.models.cnn import build_cnn
from tests.support.small_data import bars_to_train_on, small_config


def test_the_first_network_is_the_one_that_is_shipped():
    ours, shipped = build_network(NETWORKS["as shipped"], 0.2), build_cnn(depth=3, dropout=0.2)
    ours.set_weights(shipped.get_weights())
    frames = np.random.default_rng(0).random((4, 28, 28, 1), np.float32)
    np.testing.assert_allclose(ours(frames), shipped(frames), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_each_network_has_a_logit_for_each_digit_and_one_for_non_digits(network):
    assert build_network(network, 0.2).output_shape == (None, 11)


def test_a_network_learns_and_is_judged_by_source():
    config = small_config(epochs=8, augment="none", learning_rate=0.01)
    result = train_network(Network(width=4, depth=1, attention=False), config, bars_to_train_on())
    assert set(result["wrong"]) == set(bars_to_train_on().validation_by_source)
    assert max(result["wrong"].values()) < 0.5  # nine in ten by chance
    assert result["loss"] < np.log(10)


def test_a_wider_network_has_more_weights_and_times_are_multiples_of_the_first():
    costs = measure_cost({"narrow": Network(width=8, depth=1), "wide": Network(width=16, depth=1)}, rounds=2)
    assert costs["narrow"]["weights"] < costs["wide"]["weights"]
    assert costs["narrow"]["time"] == 1


def test_the_table_has_means_over_seeds():
    results = {
        "as shipped": [
            {"wrong": {"mnist": 0.01, "csv": 0.02}, "loss": 0.1},
            {"wrong": {"mnist": 0.03, "csv": 0.02}, "loss": 0.2},
        ]
    }
    assert networks.table(results, {"as shipped": {"weights": 1234, "time": 1.0}}).splitlines() == [
        "| network | weights | time | MNIST, wrong | drawings, wrong | loss | range of the loss |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| as shipped | 1,234 | 1.00 | 2.00 % | 2.00 % | 0.1500 | 0.1000 - 0.2000 |",
    ]
