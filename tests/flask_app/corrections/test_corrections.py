"""Corrections: kept once, reviewed, exported for the trainer, forgotten; on SQLite and on PostgreSQL."""

import base64
import datetime
import io
import threading
import uuid

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from PIL import ExifTags, Image
from sqlalchemy import text

import digitrec
from digitrec import Recognizer
from digitrec.learning.data.kaggle_csv import load_csv
from digitrec.training_rows import is_held_out
from flask_app import ConfigError, create_app
from flask_app.corrections.criteria import CorrectionFilter, Decision
from flask_app.corrections.database import Database, DatabaseUnavailableError
from flask_app.corrections.export import write_csv
from flask_app.corrections.models import ACCEPTED, PENDING, REJECTED, STATES, Base, Correction
from flask_app.corrections.purge import purge
from flask_app.corrections.store import CorrectionStore, ReviewedMeanwhileError
from flask_app.extensions import get_corrections
from tests.support.drawings import drawing, encoded

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def store(url):
    database = Database(url)
    yield CorrectionStore(database)
    database.close()


def correction(**changes) -> Correction:
    values = {
        "key": uuid.uuid4().hex,
        "created": datetime.datetime.now(datetime.UTC),
        "label": 4,
        "predicted": 9,
        "confidence": 0.6,
        "doubt": 0.1,
        "model": "ab" * 32,
        "frame": bytes(range(256)) * 3 + bytes(16),
        "drawing": b"png",
        "session": None,
        "state": "pending",
    }
    return Correction(**{**values, **changes})


def test_a_correction_comes_back_as_it_was(store):
    sent = correction(session="tablet-7")
    number, is_new = store.add(sent)
    assert is_new
    kept = store.get(number)
    for name in ("key", "created", "label", "predicted", "confidence", "doubt", "model", "frame", "drawing", "session"):
        assert getattr(kept, name) == getattr(sent, name), name
    assert (kept.state, kept.reviewed, kept.reviewed_label) == ("pending", None, None)
    assert kept.disagrees
    assert store.get(number + 1) is None


def test_the_same_key_is_kept_once_however_many_send_it_at_once(store):
    found = []

    def send():
        found.append(store.add(correction(key="again")))

    store.add(correction())
    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len({number for number, _ in found}) == 1
    assert sorted(is_new for _, is_new in found) == [False] * 7 + [True]
    assert len(store.page()) == 2


def test_a_replaced_correction_needs_a_new_review(store):
    number, is_new = store.replace(correction(key="mine", label=4))
    assert is_new
    seen = store.get(number).version
    assert store.review(number, Decision(ACCEPTED, 4))
    assert store.replace(correction(key="mine", label=4)) == (number, False)
    assert store.get(number).state == ACCEPTED  # nothing new was said
    assert store.replace(correction(key="mine", label=7, frame=None, drawing=None)) == (number, False)
    now = store.get(number)
    assert (now.label, now.frame, now.drawing, now.state, now.reviewed_label) == (7, None, None, PENDING, None)
    with pytest.raises(ReviewedMeanwhileError):  # whoever saw the first one has not seen this one
        store.review(number, Decision(ACCEPTED, 4), seen=seen)
    assert (store.delete("mine"), store.delete("mine")) == (True, False)
    assert store.page() == []


def test_what_no_table_takes_is_an_error_and_leaves_nothing(store):
    with pytest.raises(Exception, match="label"):
        store.add(correction(label=11))
    assert store.page() == []


def test_pages_and_filters(store):
    kinds = [{"label": 1, "predicted": 1}, {"label": 2}, {"label": 2, "model": "cd" * 32, "frame": None}]
    for kind in kinds:
        store.add(correction(**kind))
    labels = lambda **wanted: [c.label for c in store.page(CorrectionFilter(**wanted))]  # noqa: E731
    assert labels() == [1, 2, 2]
    assert labels(label=2) == [2, 2]
    assert labels(disagrees=False) == [1]
    assert labels(disagrees=True, kept=True) == [2]
    assert labels(kept=False) == [2]
    assert labels(model="cd" * 32) == [2]
    assert labels(state="accepted") == []
    first = store.page(limit=1)
    assert [c.label for c in store.page(after=first[0].id, limit=1)] == [2]
    assert [c.label for c in store.iterate(batch_size=1)] == [1, 2, 2]


def test_the_model_is_right_of_a_non_digit_where_it_doubts(store):
    doubted = {"predicted": 3, "doubt": 0.9}
    for kind in ({"label": 10, **doubted}, {"label": 3, **doubted}, {"label": 10, "predicted": 3}, {"label": 9}):
        store.add(correction(**kind))
    assert store.counts()["outcome"] == {"right": 2, "wrong": 2}
    found = lambda **wanted: [(c.label, c.answer) for c in store.page(CorrectionFilter(**wanted))]  # noqa: E731
    assert found(disagrees=False) == [(10, 10), (9, 9)]
    assert found(disagrees=True) == [(3, 10), (10, 3)]
    assert found(answer=10) == [(10, 10), (3, 10)]
    assert found(answer=3) == [(10, 3)]


def test_review_accepts_fixes_and_rejects_and_can_change_its_mind(store):
    number, _ = store.add(correction(label=4))
    assert store.review(number, Decision(ACCEPTED, 9))
    assert (store.get(number).state, store.get(number).reviewed_label) == ("accepted", 9)
    assert store.get(number).reviewed.tzinfo is not None
    assert store.review(number, Decision(REJECTED))
    assert (store.get(number).state, store.get(number).reviewed_label) == ("rejected", None)
    assert not store.review(number + 1, Decision(ACCEPTED, 3))
    with pytest.raises(ValueError, match="from 0 to 10"):
        Decision(ACCEPTED, 11)
    assert store.review(number, Decision(PENDING)).state == PENDING
    assert store.get(number).reviewed is None


@pytest.mark.parametrize(("state", "label"), [(ACCEPTED, None), (REJECTED, 3), (PENDING, 3), ("lost", None)])
def test_invalid_decisions_are_refused(state, label):
    with pytest.raises(ValueError, match="a decision cannot be"):
        Decision(state, label)


def test_a_second_reviewer_sees_the_decision_of_the_first(store):
    number, _ = store.add(correction(label=4))
    seen = store.get(number).version
    assert store.review(number, Decision(REJECTED), seen=seen)
    with pytest.raises(ReviewedMeanwhileError):
        store.review(number, Decision(ACCEPTED, 4), seen=seen)
    assert store.get(number).state == REJECTED
    assert store.review(number, Decision(ACCEPTED, 4), seen=store.get(number).version)


def test_counts_and_purge(store):
    for kind in ({"label": 9}, {"label": 10}, {"created": LONG_AGO}, {"created": LONG_AGO, "state": "accepted"}):
        store.add(correction(**kind))
    assert store.counts() == {
        "state": {"pending": 3, "accepted": 1, "rejected": 0, "reviewable": 3},
        "label": {"4": 2, "9": 1, "10": 1},
        "model": {"ab" * 32: 4},
        "outcome": {"wrong": 3, "right": 1},
    }
    month = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=30)
    assert purge(store.database, month, ("accepted",)) == 1
    assert purge(store.database, month, STATES) == 1
    assert len(store.page()) == 2


def test_deleted_corrections_are_erased_from_the_file(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/digitrec.db")
    store = CorrectionStore(database)
    for _ in range(3):
        store.add(correction(created=LONG_AGO, drawing=b"a drawing that somebody made" * 500))
    assert purge(database, datetime.datetime.now(datetime.UTC), STATES) == 3
    database.close()
    assert b"somebody made" not in (tmp_path / "digitrec.db").read_bytes()


def test_the_tables_are_those_that_the_code_knows(url):
    database = Database(url)
    database.upgrade()
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()


def test_a_database_that_somebody_holds_is_unavailable_in_time(url, monkeypatch):
    monkeypatch.setattr("flask_app.corrections.database.BUSY_SECONDS", 1)
    database, other = Database(url), Database(url)
    store = CorrectionStore(database)
    store.add(correction(key="before"))
    with other.engine.connect() as holding:
        is_sqlite = holding.dialect.name == "sqlite"
        holding.execute(text("BEGIN IMMEDIATE" if is_sqlite else "LOCK TABLE corrections IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(DatabaseUnavailableError):
            store.add(correction(key="while"))
    store.add(correction(key="after"))
    assert [one.key for one in store.iterate()] == ["before", "after"]
    database.close()
    other.close()


def test_two_replicas_begin_on_one_empty_database(url):
    problems = []

    def begin():
        database = Database(url)
        try:
            database.ping()
        except Exception as error:
            problems.append(error)
        finally:
            database.close()

    replicas = [threading.Thread(target=begin) for _ in range(4)]
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.join()
    assert problems == []


def data_url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


@pytest.fixture
def app(url):
    app = create_app({"TESTING": True, "DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": url})
    yield app
    get_corrections(app).database.close()


def told(client, **changes):
    picture = encoded(drawing(4))
    body = {"image": data_url(picture), "label": 9, "key": uuid.uuid4().hex, "keep_drawing": True, **changes}
    return client.post("/api/feedback", json={name: value for name, value in body.items() if value is not ...})


def test_feedback_stores_the_models_digit_and_the_persons_label(app):
    answer = told(app.test_client(), session="phone")
    assert answer.status_code == 201
    kept = get_corrections(app).get(answer.json["id"])
    expected = Recognizer().predict(drawing(4))
    assert (kept.predicted, kept.label, kept.session) == (4, 9, "phone")
    assert kept.confidence == pytest.approx(expected.confidence, abs=1e-6)
    assert kept.model == Recognizer().sha256
    frame = np.frombuffer(kept.frame, np.uint8).reshape(28, 28)
    np.testing.assert_allclose(frame / 255, expected.model_input, atol=0.5 / 255 + 1e-6)
    assert Image.open(io.BytesIO(kept.drawing)).size == (280, 280)


def test_a_digit_of_a_number_is_corrected_by_itself_and_nothing_else_is_kept(app):
    parts = [drawing(digit, size=70, thickness=9, canvas=(100, 120)) for digit in (7, 4)]
    picture = encoded(255 - np.hstack(parts))
    four = digitrec.read(picture).digits[1]
    answer = told(app.test_client(), image=data_url(picture), box=list(four.box))
    assert answer.status_code == 201
    kept = get_corrections(app).get(answer.json["id"])
    assert (kept.predicted, kept.answer, kept.label) == (4, 4, 9)
    assert kept.confidence == pytest.approx(four.confidence, abs=1e-6)
    frame = np.frombuffer(kept.frame, np.uint8).reshape(28, 28)
    np.testing.assert_allclose(frame / 255, four.model_input, atol=0.5 / 255 + 1e-6)
    crop = Image.open(io.BytesIO(kept.drawing))
    wide, tall = four.box[2] - four.box[0], four.box[3] - four.box[1]
    assert crop.size == pytest.approx((wide + 0.4 * tall, 1.4 * tall), abs=2)
    assert digitrec.predict(crop).digit == 4
    elsewhere = told(app.test_client(), image=data_url(picture), box=[0, 0, 20, 10])
    assert elsewhere.status_code == 400
    assert "No digit is read in this box" in elsewhere.json["error"]["message"]


@pytest.mark.parametrize("box", [None, [], [0, 0, 5], [5, 0, 0, 5], [0, 0, True, 5], [0, 0, "5", 5], [0, 0, 1e999, 5]])
def test_a_box_that_is_none_is_refused(app, box):
    answer = told(app.test_client(), box=box)
    assert answer.status_code == 400
    assert '"box", left, top, right and bottom' in answer.json["error"]["message"]


def test_a_kept_drawing_has_no_metadata(app):
    photograph = Image.fromarray(255 - drawing(4, size=1500, thickness=150, canvas=(2000, 1500)))
    where = Image.Exif()
    where[ExifTags.Base.Orientation], where[ExifTags.Base.ImageDescription] = 6, "where I live"
    file = io.BytesIO()
    photograph.save(file, "JPEG", exif=where)
    assert b"where I live" in file.getvalue()
    answer = told(app.test_client(), image=data_url(file.getvalue() + b"behind its end"))
    kept = get_corrections(app).get(answer.json["id"]).drawing
    picture = Image.open(io.BytesIO(kept))
    assert (picture.format, picture.size, dict(picture.getexif()), picture.info) == ("PNG", (210, 280), {}, {})
    assert b"where I live" not in kept
    assert b"behind its end" not in kept


def test_a_drawing_in_sixteen_bits_is_kept_in_eight(app):
    deep = drawing(4).astype(np.uint16) * 257
    file = io.BytesIO()
    Image.fromarray(deep).save(file, "PNG")
    answer = told(app.test_client(), image=data_url(file.getvalue()))
    kept = get_corrections(app).get(answer.json["id"]).drawing
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(kept))), drawing(4))


def test_without_consent_neither_drawing_nor_pixels_are_kept(app):
    for consent in (..., False):
        answer = told(app.test_client(), keep_drawing=consent)
        assert (answer.status_code, answer.json["kept"]) == (201, False)
        kept = get_corrections(app).get(answer.json["id"])
        assert (kept.frame, kept.drawing, kept.label) == (None, None, 9)


def test_feedback_sent_again_is_kept_once(app):
    client = app.test_client()
    first, second = told(client, key="once"), told(client, key="once")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["id"] == second.json["id"]


def test_a_correction_can_be_changed_and_taken_back(app):
    client = app.test_client()
    url, image = "/api/v1/feedback/mine", data_url(encoded(drawing(4)))
    first = client.put(url, json={"image": image, "label": 9})
    assert (first.status_code, first.json["kept"]) == (201, False)
    second = client.put(url, json={"image": image, "label": "none", "keep_drawing": True})
    assert (second.status_code, second.json) == (200, {"id": first.json["id"], "kept": True})
    (kept,) = get_corrections(app).page()
    assert (kept.label, kept.key, kept.drawing is None) == (10, "mine", False)
    assert client.delete(url).json == {"deleted": True}
    assert client.delete(url).json == {"deleted": False}
    assert get_corrections(app).page() == []
    for body in ({"label": 9}, {"image": image, "label": 9, "key": "other"}, {"image": image, "label": 11}):
        assert client.put(url, json=body).status_code == 400
    assert client.put("/api/v1/feedback/a b", json={"image": image, "label": 9}).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"label": 10},
        {"label": True},
        {"label": "4"},
        {"label": ...},
        {"key": ...},
        {"key": "a b"},
        {"key": "x" * 65},
        {"session": "<script>"},
        {"session": {}},
        {"session": 0},
        {"keep_drawing": "yes"},
        {"image": 7},
        {"more": 1},
    ],
)
def test_feedback_of_another_shape_is_refused_and_not_kept(app, changes):
    answer = told(app.test_client(), **changes)
    assert answer.status_code == 400
    assert "data URL" in answer.json["error"]["message"]
    assert get_corrections(app).page() == []


def test_feedback_on_a_blank_picture_is_refused(app):
    answer = told(app.test_client(), image=data_url(encoded(np.zeros((50, 50), np.uint8))))
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "blank_image")


def test_a_database_that_is_away_costs_corrections_and_no_predictions(tmp_path):
    (tmp_path / "file").write_text("no folder")
    url = f"sqlite:///{tmp_path}/file/digitrec.db"
    client = create_app({"TESTING": True, "DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": url}).test_client()
    answer = told(client)
    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "database_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert client.post("/api/predict", data=encoded(drawing(4)), content_type="image/png").json["digit"] == 4
    (tmp_path / "file").unlink()  # it comes back, and needs no new start
    assert told(client).status_code == 201


def test_a_postgresql_that_nobody_answers_at_is_unavailable():
    with pytest.raises(DatabaseUnavailableError):
        Database("postgresql://nobody:secret@127.0.0.1:1/none").ping()


@pytest.mark.parametrize("address", ["digitrec.db", "oracle9://x", "://"])
def test_an_invalid_database_url_is_refused_without_its_password(address):
    with pytest.raises(ConfigError, match="DIGITREC_DATABASE_URL"):
        create_app({"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": address})


def test_without_a_database_there_is_no_feedback():
    app = create_app({"TESTING": True, "DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""})
    assert told(app.test_client()).status_code == 404
    result = app.test_cli_runner().invoke(args=["corrections", "stats"])
    assert result.exit_code == 1
    assert "DIGITREC_DATABASE_URL is empty" in result.output


def test_accepted_corrections_are_exported_in_the_trainers_layout(app, tmp_path):
    client, store = app.test_client(), get_corrections(app)
    numbers = [told(client, label=label).json["id"] for label in (4, 9, "none", 4)]
    for number, label in zip(numbers, (4, 9, 10, None), strict=True):
        store.review(number, Decision(REJECTED) if label is None else Decision(ACCEPTED, label))
    silent = told(client, keep_drawing=False).json["id"]
    store.review(silent, Decision(ACCEPTED, 4))
    out = tmp_path / "out.csv"
    result = app.test_cli_runner().invoke(args=["corrections", "export", str(out)])
    assert result.exit_code == 0, result.output
    assert "2 digits" in result.output
    exported, none = load_csv(out), load_csv(tmp_path / "out-negatives.csv", negatives=True)
    assert exported.labels.tolist() == [4, 9]
    assert none.labels.tolist() == [10]
    frame = np.frombuffer(store.get(numbers[0]).frame, np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(exported.images[0], frame)

    refused = app.test_cli_runner().invoke(args=["corrections", "export", str(tmp_path / "no" / "folder.csv")])
    assert refused.exit_code == 1
    assert "cannot be written" in refused.output


@pytest.mark.parametrize("name", ["out.csv", "out-negatives.csv", "out-held-out.csv", "out-held-out-negatives.csv"])
def test_an_export_replaces_no_file_of_something_else(app, tmp_path, name):
    (tmp_path / name).write_text("notes")
    command = ["corrections", "export", "--hold-out", str(tmp_path / "out.csv")]
    refused = app.test_cli_runner().invoke(args=command)
    assert refused.exit_code == 1
    assert f"Error: {tmp_path / name} is there, and is no output of this command" in refused.output
    assert (tmp_path / name).read_text() == "notes"
    assert [path.name for path in tmp_path.glob("*.csv")] == [name]


def test_an_export_holds_out_all_drawings_of_one_session_in_five(app, tmp_path):
    client, store = app.test_client(), get_corrections(app)
    sessions = [f"person-{number}" for number in range(8)]
    for session in sessions:
        for label in (4, 9):
            store.review(told(client, label=label, session=session).json["id"], Decision(ACCEPTED, label))
    held_out = [session for session in sessions if is_held_out(session.encode())]
    assert 0 < len(held_out) < len(sessions)
    result = app.test_cli_runner().invoke(args=["corrections", "export", "--hold-out", str(tmp_path / "out.csv")])
    assert result.exit_code == 0, result.output
    assert len(load_csv(tmp_path / "out-held-out.csv")) == 2 * len(held_out)
    assert len(load_csv(tmp_path / "out.csv")) == 2 * (len(sessions) - len(held_out))


def test_an_export_replaces_an_older_one_whole_or_not_at_all(tmp_path):
    out, beside = tmp_path / "out.csv", tmp_path / "out-negatives.csv"
    accepted = [correction(state=ACCEPTED, reviewed_label=label) for label in (4, 10)]
    assert write_csv(accepted, out) == (1, 1, beside)
    before = out.read_text("utf-8"), beside.read_text("utf-8")

    def goes_away():
        yield from accepted
        raise DatabaseUnavailableError

    with pytest.raises(DatabaseUnavailableError):
        write_csv(goes_away(), out)
    assert (out.read_text("utf-8"), beside.read_text("utf-8")) == before
    assert write_csv(accepted[:1], out) == (1, 0, beside)
    assert sorted(tmp_path.iterdir()) == [out]  # nothing of no digit, not even the older file


@pytest.mark.parametrize("command", [["stats"], ["purge", "--older-than", "30d"], ["export", "out.csv"]])
def test_commands_work_before_the_first_correction(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    settings = {"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}
    result = create_app(settings).test_cli_runner().invoke(args=["corrections", *command])
    assert result.exit_code == 0, result.output


def test_stats_and_purge_as_commands(app):
    client, runner = app.test_client(), app.test_cli_runner()
    told(client, label="none")
    get_corrections(app).add(correction(created=LONG_AGO))
    counted = runner.invoke(args=["corrections", "stats"]).output
    assert "non-digit" in counted
    assert runner.invoke(args=["corrections", "purge", "--older-than", "30d"]).output.startswith(
        "deleted 1 corrections"
    )
    for age in ("30", "d30", "-1d", "1y"):
        result = runner.invoke(args=["corrections", "purge", "--older-than", age])
        assert result.exit_code == 2
        assert "write 12h, 30d or 8w" in result.output
