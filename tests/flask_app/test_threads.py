"""The threads that answer requests: two at work, one more for each that is held up, none left behind."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, wait

import pytest

from flask_app import threads
from flask_app.threads import ACTIVE_THREADS, ElasticThreads
from tests.support.under_load import wait_until

PATIENCE = 30.0
"""Seconds after which what should have happened will not happen any more."""


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """Set at the end, so that no call waits for it for ever."""
    event = threading.Event()
    yield event
    event.set()


def running() -> int:
    return sum(thread.name.startswith("request ") for thread in threading.enumerate())


def held_up(pool: ElasticThreads, count: int, released: threading.Event) -> list[Future[bool]]:
    """Calls that wait, once all of them have been begun."""
    begun = [threading.Event() for _ in range(count)]

    def hold(event: threading.Event) -> bool:
        event.set()
        return released.wait(PATIENCE)

    calls = [pool.submit(hold, event) for event in begun]
    assert all(event.wait(PATIENCE) for event in begun)
    return calls


def test_a_call_gives_its_result_or_its_error():
    with ElasticThreads(4) as pool:
        assert pool.submit(divmod, 7, 2).result(PATIENCE) == (3, 1)
        assert pool.submit(int, "11", base=2).result(PATIENCE) == 3
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result(PATIENCE)
        assert pool.submit(divmod, 7, 2).result(PATIENCE) == (3, 1)


def test_two_are_at_work_however_many_calls_wait(monkeypatch):
    monkeypatch.setattr(threads, "BLOCKED_SECONDS", PATIENCE)
    lock, at_once, most = threading.Lock(), 0, 0

    def call() -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.001)
        with lock:
            at_once -= 1

    with ElasticThreads(16) as pool:
        wait([pool.submit(call) for _ in range(200)])
        assert running() == ACTIVE_THREADS
    assert most == ACTIVE_THREADS


def test_no_second_thread_comes_where_one_is_allowed(released):
    with ElasticThreads(1) as pool:
        held_up(pool, 1, released)
        assert not wait([pool.submit(int)], timeout=5 * threads.BLOCKED_SECONDS).done
        released.set()


def test_calls_that_are_held_up_do_not_keep_others_waiting(released):
    with ElasticThreads(6) as pool:
        held_up(pool, 5, released)
        assert [pool.submit(divmod, 7, 2).result(PATIENCE) for _ in range(20)] == [(3, 1)] * 20
        released.set()


def test_a_call_that_says_that_it_waits_is_replaced_at_once(monkeypatch, released):
    monkeypatch.setattr(threads, "BLOCKED_SECONDS", 4 * PATIENCE)  # no thread is added for the time that a call takes

    def hold(begun: threading.Event) -> bool:
        with threads.waiting(), threads.waiting():
            begun.set()
            return released.wait(PATIENCE)

    with ElasticThreads(6) as pool:
        begun = [threading.Event() for _ in range(5)]
        held = [pool.submit(hold, event) for event in begun]
        assert all(event.wait(PATIENCE) for event in begun)
        assert pool.submit(divmod, 7, 2).result(PATIENCE) == (3, 1)
        released.set()
        assert all(call.result(PATIENCE) for call in held)
        wait_until(lambda: running() == ACTIVE_THREADS)


def test_waiting_changes_nothing_in_other_threads():
    with threads.waiting():
        assert running() == 0


def test_there_are_never_more_threads_than_allowed(released):
    with ElasticThreads(5) as pool:
        held = held_up(pool, 5, released)
        waiting = pool.submit(divmod, 7, 2)
        assert not wait([waiting], timeout=5 * threads.BLOCKED_SECONDS).done
        assert running() == 5
        released.set()
        assert waiting.result(PATIENCE) == (3, 1)
        assert all(call.result(PATIENCE) for call in held)


def test_threads_that_come_back_from_a_long_call_end(released):
    with ElasticThreads(8) as pool:
        held = held_up(pool, 7, released)
        assert running() >= 7
        released.set()
        wait(held, PATIENCE)
        wait_until(lambda: running() == ACTIVE_THREADS)
        assert pool.submit(divmod, 7, 2).result(PATIENCE) == (3, 1)


def test_no_thread_is_there_before_the_first_call_nor_after_the_last():
    pool = ElasticThreads(4)
    assert running() == 0
    calls = [pool.submit(time.sleep, 0.001) for _ in range(20)]
    pool.shutdown()
    assert all(call.done() for call in calls)
    assert running() == 0
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(int)
    pool.shutdown()


def test_calls_that_were_not_begun_can_be_cancelled(released):
    pool = ElasticThreads(2)
    held = held_up(pool, 2, released)
    waiting = [pool.submit(int) for _ in range(3)]
    pool.shutdown(wait=False, cancel_futures=True)
    released.set()
    assert all(call.result(PATIENCE) for call in held)
    for call in waiting:
        with pytest.raises(CancelledError):
            call.result(PATIENCE)
    wait_until(lambda: running() == 0)
