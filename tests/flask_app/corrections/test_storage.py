"""How much corrections may take, how they are deleted, and what happens to their file meanwhile."""

import datetime
import os
import stat
import threading
import uuid
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event, text

from flask_app import create_app
from flask_app.corrections.criteria import CorrectionFilter
from flask_app.corrections.database import Database, DatabaseUnavailableError
from flask_app.corrections.models import STATES
from flask_app.corrections.purge import purge
from flask_app.corrections.room import Room, StorageFullError, used_bytes
from flask_app.corrections.store import CorrectionStore, KeyTakenError
from flask_app.extensions import get_corrections
from flask_app.health import Readiness
from tests.flask_app.corrections.test_corrections import LONG_AGO, correction, data_url
from tests.support.drawings import drawing, encoded

MEGABYTE = 1_000_000


@pytest.fixture
def database(url):
    database = Database(url)
    yield database
    database.close()


def sqlite(folder: Path, room: Room | None = None) -> CorrectionStore:
    return CorrectionStore(Database(f"sqlite:///{folder}/instance/digitrec.db", room))


def test_a_known_key_with_another_correction_is_refused(database) -> None:
    store = CorrectionStore(database)
    number, _ = store.add(correction(key="once", label=4))
    assert store.add(correction(key="once", label=4)) == (number, False)
    for change in ({"label": 5}, {"frame": None}, {"session": "phone"}, {"confidence": 0.7}, {"predicted": 3}):
        with pytest.raises(KeyTakenError):
            store.add(correction(**{"key": "once", "label": 4, **change}))
    # Another model may say something else of the same drawing.
    assert store.add(correction(key="once", label=4, model="cd" * 32, confidence=0.7)) == (number, False)
    assert [one.label for one in store.iterate()] == [4]


def test_purging_takes_all_that_is_old_in_chunks_and_gives_the_room_back(database) -> None:
    store = CorrectionStore(database)
    with database.session() as session:
        session.add_all(correction(created=LONG_AGO, drawing=os.urandom(6000)) for _ in range(1100))
        session.add_all(correction(created=LONG_AGO, state="accepted") for _ in range(5))
        session.add_all(correction(key=f"new-{number}") for number in range(5))
    with database.engine.connect() as connection:
        before = used_bytes(connection)
    month = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=30)
    assert purge(database, month, ("pending",)) == 1100
    assert purge(database, month, STATES) == 5
    assert [one.key for one in store.iterate()] == [f"new-{number}" for number in range(5)]
    with database.engine.connect() as connection:
        assert used_bytes(connection) < before / 10
    if database.file is not None:
        assert database.file.path.stat().st_size < before / 10


def test_purging_takes_longer_than_a_statement_of_the_app_may(url, monkeypatch) -> None:
    monkeypatch.setattr("flask_app.corrections.database.BUSY_SECONDS", 1)
    database = Database(url)
    CorrectionStore(database).add(correction(created=LONG_AGO))
    if database.file is None:
        slow = (
            "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN PERFORM pg_sleep(1.5); RETURN OLD; END'",
            "CREATE TRIGGER dawdle BEFORE DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION dawdle()",
        )
        with database.engine.begin() as connection:
            for statement in slow:
                connection.execute(text(statement))
    assert purge(database, datetime.datetime.now(datetime.UTC), STATES) == 1
    database.close()


def test_corrections_take_no_more_room_than_they_may(url) -> None:
    database = Database(url, Room(max_bytes=MEGABYTE, min_free_bytes=0))
    store = CorrectionStore(database)
    add = lambda: store.add(correction(created=LONG_AGO, drawing=os.urandom(20_000)))  # noqa: E731
    for _ in range(20):
        add()
    with pytest.raises(StorageFullError, match="DIGITREC_CORRECTIONS_MB"):
        [add() for _ in range(60)]
    with database.engine.connect() as connection:
        assert MEGABYTE <= used_bytes(connection) < 1.5 * MEGABYTE
    with pytest.raises(StorageFullError):
        database.ping()
    assert purge(database, datetime.datetime.now(datetime.UTC), STATES) > 20
    database.ping()
    assert store.add(correction())[1]
    database.close()


def test_space_stays_free_on_the_disk(tmp_path) -> None:
    store = sqlite(tmp_path, Room(max_bytes=MEGABYTE, min_free_bytes=10**18))
    with pytest.raises(StorageFullError, match="DIGITREC_FREE_DISK_MB"):
        store.add(correction())
    store.database.close()


def test_feedback_on_a_full_disk_gets_503_storage_full(tmp_path) -> None:
    url = f"sqlite:///{tmp_path}/digitrec.db"
    full = {"DIGITREC_FREE_DISK_MB": 1_000_000}
    app = create_app({"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": url, **full})
    client = app.test_client()
    answer = client.post("/api/feedback", json=sent(key="a"))
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "storage_full")
    assert int(answer.headers["Retry-After"]) > 0
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "full")
    get_corrections(app).database.close()


def sent(**changes) -> dict[str, object]:
    return {"image": data_url(encoded(drawing(4))), "label": 9, "key": "a", "keep_drawing": True, **changes}


def test_of_one_client_so_many_bytes_are_kept_in_a_day(tmp_path) -> None:
    settings = {
        "DIGITREC_LOG_FILE": "",
        "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/digitrec.db",
        "DIGITREC_FEEDBACK_LIMIT": "",
        "DIGITREC_DRAWINGS_MB_PER_DAY": 1,
    }
    app = create_app(settings)
    client = app.test_client()
    noise = data_url(encoded(np.random.default_rng(1).integers(0, 256, (280, 280, 3), np.uint8)))
    statuses = [client.post("/api/feedback", json=sent(image=noise, key=f"n{i}")).status_code for i in range(15)]
    assert statuses[0] == 201
    assert statuses[-1] == 429
    # Without a drawing, and from others, corrections are taken.
    assert client.post("/api/feedback", json=sent(image=noise, key="x", keep_drawing=False)).status_code == 201
    other = {"environ_base": {"REMOTE_ADDR": "192.0.2.9"}}
    assert client.post("/api/feedback", json=sent(image=noise, key="y"), **other).status_code == 201
    get_corrections(app).database.close()


def test_a_key_that_is_taken_is_answered_with_409(tmp_path) -> None:
    app = create_app({"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/digitrec.db"})
    client = app.test_client()
    assert client.post("/api/feedback", json=sent()).status_code == 201
    assert client.post("/api/feedback", json=sent()).status_code == 200
    answer = client.post("/api/feedback", json=sent(label=3))
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "key_taken")
    get_corrections(app).database.close()


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_the_database_is_for_its_user_alone(tmp_path) -> None:
    old = os.umask(0)
    try:
        store = sqlite(tmp_path)
        store.add(correction())
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "instance").iterdir()}
        assert {"digitrec.db", "digitrec.db-wal", "digitrec.db.lock"} <= set(made)
        assert set(made.values()) == {0o600}
        assert stat.S_IMODE((tmp_path / "instance").stat().st_mode) == 0o700
        store.database.close()
    finally:
        os.umask(old)


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces no file that is open")
def test_a_file_that_is_deleted_or_replaced_is_noticed(tmp_path, caplog) -> None:
    store = sqlite(tmp_path)
    file = tmp_path / "instance" / "digitrec.db"
    store.add(correction(key="lost"))
    file.unlink()
    store.add(correction(key="kept"))
    assert [one.key for one in sqlite(tmp_path).iterate()] == ["kept"]
    # Restored from a backup, as docs/deploy.md makes it.
    backup = sqlite(tmp_path / "backup")
    backup.add(correction(key="restored"))
    backup.database.close()
    for beside in ("-wal", "-shm"):
        file.with_name(file.name + beside).unlink(missing_ok=True)
    os.replace(tmp_path / "backup" / "instance" / "digitrec.db", file)
    store.add(correction(key="after"))
    assert [one.key for one in store.iterate()] == ["restored", "after"]
    store.database.ping()
    store.database.close()


def test_one_request_at_a_time_asks_the_database() -> None:
    asked, go_on = threading.Event(), threading.Event()

    class Slow:
        count = 0

        def ping(self) -> None:
            self.count += 1
            asked.set()
            assert go_on.wait(20)

    class Store:
        database = Slow()

    readiness = Readiness(Store())  # type: ignore[arg-type]
    first = threading.Thread(target=readiness.database_state)
    first.start()
    assert asked.wait(20)
    assert [readiness.database_state() for _ in range(20)] == ["unavailable"] * 20
    go_on.set()
    first.join()
    assert readiness.database_state() == "ok"
    assert Store.database.count == 2


def test_a_page_is_found_by_indexes_alone(tmp_path) -> None:
    """No row is read that is not shown: with 200,000 of them, each of which fills a page, that would take seconds."""
    store = sqlite(tmp_path)
    store.add(correction())
    asked = []
    note = lambda _connection, _cursor, *query: asked.append(query[:2])  # noqa: E731
    event.listen(store.database.engine, "before_cursor_execute", note)
    store.counts()
    for where in (
        CorrectionFilter(),
        CorrectionFilter(kept=True, model="ef" * 32),
        CorrectionFilter(state="pending", label=3, answer=1, model="ef" * 32, disagrees=True, kept=True),
    ):
        store.page(where, after=1)
        store.page(where, before=9)
    event.remove(store.database.engine, "before_cursor_execute", note)
    queries = [query for query in asked if "corrections.drawing" not in query[0]]
    assert len(queries) == 1 + 2 * (6 + 3 + 1)
    with store.database.engine.connect() as connection:
        for statement, values in queries:
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert ["USING COVERING INDEX" in step[3] for step in steps] == [True], steps
    store.database.close()


def test_pages_are_in_order_whatever_state_and_kept_are(database) -> None:
    store = CorrectionStore(database)
    for number in range(12):
        state, frame = ("pending", "accepted", "rejected")[number % 3], (None, bytes(784))[number % 2]
        store.add(correction(label=number % 10, state=state, reviewed_label=None, frame=frame))
    ids = [one.id for one in store.page(limit=100)]
    assert ids == sorted(ids)
    assert len(ids) == 12
    assert [one.id for one in store.page(after=ids[3], limit=4)] == ids[4:8]
    assert [one.id for one in store.page(before=ids[8], limit=4)] == ids[4:8]
    assert [one.kept for one in store.page(CorrectionFilter(kept=True))] == [True] * 6


def test_the_older_table_is_brought_up_to_date(url) -> None:
    from alembic import command

    from flask_app.corrections.database import _alembic

    database = Database(url)
    if database.file is not None:
        database.file.create()
    with database.engine.begin() as connection:
        command.upgrade(_alembic(connection), "0001")
        for frame, doubt in ((None, 0.4), (bytes(784), 0.5)):
            connection.execute(
                text(
                    "INSERT INTO corrections (key, created, label, predicted, confidence, doubt, model, frame, state)"
                    " VALUES (:key, '2026-01-01 00:00:00', 1, 1, 0.5, :doubt, '', :frame, 'pending')"
                ),
                {"key": uuid.uuid4().hex, "frame": frame, "doubt": doubt},
            )
    assert [(one.kept, one.answer) for one in CorrectionStore(database).iterate()] == [(False, 1), (True, 10)]
    database.close()


def test_a_database_that_is_no_database_is_unavailable(tmp_path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "digitrec.db").write_text("no database " * 1000)
    store = sqlite(tmp_path)
    with pytest.raises(DatabaseUnavailableError):
        store.add(correction())
    with pytest.raises(DatabaseUnavailableError):
        purge(store.database, datetime.datetime.now(datetime.UTC), STATES)
    store.database.close()
