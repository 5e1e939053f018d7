"""What goes wrong in a year on the internet, under load, on SQLite and PostgreSQL.

The promise: a correction that was acknowledged is in the database, once; and digits are recognized all the while.
"""

import contextlib
import os
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.servers import PRODUCTION
from flask_app.corrections.database import Database
from tests.support.under_load import App, assert_kept_once, crowd, running


def test_a_worker_that_is_killed_is_replaced_and_nothing_acknowledged_is_lost(tmp_path, database) -> None:
    with running(tmp_path, database) as app, crowd(app) as people:
        for _ in range(3):
            people.wait_for_more(answers=10, corrections=10)
            worker = app.workers()[0]
            os.kill(worker, signal.SIGKILL)
            people.wait_for_more(answers=10, corrections=10)
            assert worker not in app.workers()
            assert app.workers()
    assert_kept_once(database, people.taken)
    assert set(people.statuses) <= {200, 0}


def test_a_server_that_is_killed_whole_has_kept_what_it_acknowledged(tmp_path, database) -> None:
    taken: dict[str, int] = {}
    with running(tmp_path, database) as app:
        for _ in range(20):
            key = uuid.uuid4().hex
            status, answer, _ = app.correct(key)
            assert status == 201
            taken[key] = answer["id"]
        for process in (app.server.pid, *app.workers()):
            os.kill(process, signal.SIGKILL)
    assert_kept_once(database, taken)


def assert_told_to_wait(told: tuple[int, dict, dict]) -> None:
    """Whether the sender of a correction was told that it is not taken now, and when to try again."""
    status, answer, headers = told
    assert (status, answer["error"]["code"]) == (503, "database_unavailable")
    assert int(headers["Retry-After"]) > 0


def test_while_postgresql_is_stopped_digits_are_recognized_and_corrections_get_503(tmp_path, postgres) -> None:
    database = postgres.database()
    with running(tmp_path, database) as app, crowd(app) as people:
        people.wait_for_more(answers=10, corrections=10)
        postgres.stop()
        try:
            assert_told_to_wait(app.correct("while-away"))
            people.wait_for_more(answers=20)
        finally:
            postgres.start()
        people.taken["while-away"] = app.correct_until_taken("while-away")
        people.wait_for_more(corrections=10)
    assert_kept_once(database, people.taken)
    assert set(people.statuses) == {200}


def test_while_the_database_is_locked_digits_are_recognized_and_corrections_get_503(tmp_path, database) -> None:
    with running(tmp_path, database) as app, crowd(app, correcting=1) as people:
        people.wait_for_more(answers=10, corrections=10)
        other = Database(database)
        with other.engine.connect() as holding:
            is_sqlite = holding.dialect.name == "sqlite"
            holding.execute(text("BEGIN IMMEDIATE" if is_sqlite else "LOCK TABLE corrections IN EXCLUSIVE MODE"))
            assert_told_to_wait(app.correct("while-held"))
            people.wait_for_more(answers=20)
        other.close()
        people.taken["while-held"] = app.correct_until_taken("while-held")
        people.wait_for_more(corrections=10)
    assert_kept_once(database, people.taken)
    assert set(people.statuses) == {200}


def correct_until_refused(app: App) -> dict[str, int]:
    """Send corrections until there is no room for one; returns those that were acknowledged."""
    taken = {}
    for number in range(5000):
        key = f"until-full-{number}"
        told = app.correct(key)
        if told[0] != 201:
            assert_told_to_wait(told)
            return taken
        taken[key] = told[1]["id"]
    raise AssertionError("the disk was never full")


def fill(folder: Path) -> Path:
    """Write a file until its disk is full."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return ballast


def test_a_full_disk_stops_corrections_alone_until_there_is_room_again(
    tmp_path, small_disk, database_on_small_disk
) -> None:
    with (
        running(tmp_path, database_on_small_disk, DIGITREC_FREE_DISK_MB="0") as app,
        crowd(app, correcting=1) as people,
    ):
        people.wait_for_more(answers=10, corrections=10)
        ballast = fill(small_disk)
        people.taken |= correct_until_refused(app)
        people.wait_for_more(answers=20)
        ballast.unlink()
        people.wait_for_more(corrections=10)
    assert_kept_once(database_on_small_disk, people.taken)
    assert set(people.statuses) == {200}


def test_a_file_that_may_not_grow_stops_corrections_alone(tmp_path) -> None:
    """As a full disk, where none can be mounted: no file may become larger than 1 MB."""
    database = f"sqlite:///{tmp_path}/digitrec.db"
    limited = ("bash", "-c", 'ulimit -f 1000; exec "$@"', "bash", *PRODUCTION["gunicorn"])
    quiet = {"DIGITREC_LOG_LEVEL": "ERROR"}  # the console is such a file too
    with running(tmp_path, database, limited, **quiet) as app, crowd(app, correcting=0) as people:
        people.taken |= correct_until_refused(app)
        people.wait_for_more(answers=20)
    assert len(people.taken) > 10
    assert_kept_once(database, people.taken)
    assert set(people.statuses) == {200}


@pytest.mark.parametrize("killed", [False, True])
def test_two_servers_on_one_postgresql_keep_each_correction_once(tmp_path, postgres, killed: bool) -> None:
    database = postgres.database()
    keys = [uuid.uuid4().hex for _ in range(50)]
    with (
        running(tmp_path / "1", database) as first,
        running(tmp_path / "2", database) as second,
        crowd(first) as some,
        crowd(second) as others,
        ThreadPoolExecutor(4) as pool,
    ):
        # Each to both at once, as a client does whose first try seems lost.
        pairs = [[pool.submit(app.correct_until_taken, key) for app in (first, second)] for key in keys]
        if killed:
            pairs[10][0].result()
            os.kill(first.workers()[0], signal.SIGKILL)
        numbers = {key: {asked.result() for asked in pair} for key, pair in zip(keys, pairs, strict=True)}
        for people in (some, others):
            people.wait_for_more(answers=10, corrections=10)
    assert all(len(pair) == 1 for pair in numbers.values()), "the two servers gave one correction two numbers"
    sent_to_both = {key: number for key, (number,) in numbers.items()}
    assert_kept_once(database, some.taken | others.taken | sent_to_both)
    assert set(some.statuses) <= ({200, 0} if killed else {200})
    assert set(others.statuses) == {200}
