import signal
import threading
import time

import pytest

from digitrec.learning.runs.run import Run
from digitrec.learning.runs.stop_request import is_stop_requested, request_stop, stop_on_request


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path, "a", {})


@pytest.fixture
def sigterm_interrupts():
    def interrupt(_signal, _frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    yield
    signal.signal(signal.SIGTERM, before)


def work_until_interrupted():
    end = time.monotonic() + 20
    while time.monotonic() < end:
        time.sleep(0.01)


def request_and_work(run):
    request_stop(run)  # which interrupts at any time from here on
    work_until_interrupted()


def test_a_request_interrupts_the_main_thread_once(run, sigterm_interrupts):
    with stop_on_request(run):
        with pytest.raises(KeyboardInterrupt):
            request_and_work(run)
        assert not is_stop_requested(run)


def test_a_request_is_seen_until_it_is_forgotten(run):
    assert not is_stop_requested(run)
    request_stop(run)
    assert is_stop_requested(run)


def test_a_request_from_before_is_forgotten(run, sigterm_interrupts):
    request_stop(run)
    with stop_on_request(run):
        assert not is_stop_requested(run)


def test_the_watching_thread_ends_with_the_block(run, sigterm_interrupts):
    threads = threading.active_count()
    with stop_on_request(run):
        assert threading.active_count() == threads + 1
    assert threading.active_count() == threads
    request_stop(run)  # nobody listens any more
    assert is_stop_requested(run)
