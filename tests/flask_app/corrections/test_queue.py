"""The review queue: what teaches most first, the drawings of one session together, page by page; on both databases."""

import pytest
from sqlalchemy import event

from digitrec.artifacts import MODEL_NAME
from flask_app import create_app
from flask_app.corrections.criteria import ARRIVAL, TEACHING, CorrectionFilter, Decision
from flask_app.corrections.database import Database
from flask_app.corrections.models import ACCEPTED
from flask_app.corrections.queue import teaching_value
from flask_app.corrections.store import CorrectionStore
from flask_app.extensions import get_challenger, get_corrections
from tests.flask_app.corrections.test_corrections import correction, told
from tests.flask_app.corrections.test_review import LOCKED, ids, log_in
from tests.support.models import another_version


@pytest.fixture
def store(url):
    database = Database(url)
    yield CorrectionStore(database)
    database.close()


def right(**changes):
    """A correction that the model was sure of, and that agrees with it: it teaches next to nothing."""
    return correction(**{"label": 4, "predicted": 4, "confidence": 0.99, "doubt": 0.01, **changes})


def order_of(store, **options):
    return [one.id for one in store.page(order=TEACHING, limit=100, **options)]


def test_contradiction_doubt_and_disagreement_add_up():
    usual = {"label": 4, "answer": 4, "confidence": 0.9, "doubt": 0.1}
    value = teaching_value(**usual)
    assert value == pytest.approx(0.1)
    assert teaching_value(**{**usual, "label": 9}) == pytest.approx(1.0)
    assert teaching_value(**{**usual, "doubt": 0.4}) == pytest.approx(0.4)
    assert teaching_value(**usual, challenger_answer=9) == pytest.approx(1.1)
    assert teaching_value(**usual, challenger_answer=4) == value
    surer = teaching_value(**{**usual, "label": 9, "confidence": 0.99})
    assert surer > teaching_value(**{**usual, "label": 9, "confidence": 0.5})


def test_what_teaches_most_comes_first(store):
    plain, _ = store.add(right())
    contradicted, _ = store.add(right(label=9))
    doubted, _ = store.add(right(doubt=0.45))
    contested, _ = store.add(right(label=9, challenger_answer=7, challenger="cd" * 32))
    assert order_of(store) == [contested, contradicted, doubted, plain]
    assert [one.id for one in store.page(order=ARRIVAL)] == [plain, contradicted, doubted, contested]


def test_drawings_of_one_session_stay_together_where_the_best_of_them_stands(store):
    early, _ = store.add(right(session="ann"))
    other, _ = store.add(right(doubt=0.3))
    later, _ = store.add(right(session="ann", label=9))
    middle, _ = store.add(right(session="ann", doubt=0.2))
    most, _ = store.add(right(label=9, doubt=0.4))
    assert order_of(store) == [most, later, middle, early, other]
    store.review(later, Decision(ACCEPTED, 9))
    pending = [one.id for one in store.page(CorrectionFilter(state="pending"), order=TEACHING)]
    assert pending == [most, middle, early, other]  # the session stays where it was while it is reviewed


def test_a_replaced_correction_takes_its_new_place(store):
    first, _ = store.add(right(key="first"))
    second, _ = store.add(right(doubt=0.3))
    assert order_of(store) == [second, first]
    store.replace(right(key="first", label=9))
    assert order_of(store) == [first, second]


def test_pages_go_on_where_the_last_one_ended_in_both_directions(store):
    for number in range(20):
        session = f"person-{number % 3}" if number % 2 else None
        frame = None if number % 5 == 0 else bytes(784)
        store.add(right(label=9 if number % 4 else 4, doubt=number / 50, session=session, frame=frame))
    every = order_of(store)
    assert sorted(every) == sorted(one.id for one in store.page(limit=100))
    paged, last = [], 0
    while page := store.page(order=TEACHING, after=last, limit=3):
        paged += [one.id for one in page]
        last = paged[-1]
    assert paged == every
    for place in range(4, 20, 5):
        before = [one.id for one in store.page(order=TEACHING, before=every[place], limit=3)]
        assert before == every[place - 3 : place]
    kept = [one.id for one in store.page(CorrectionFilter(kept=True), order=TEACHING, limit=100)]
    assert kept == [one for one in every if one in kept]
    assert len(kept) == 16


def test_a_page_of_the_queue_is_found_by_an_index(tmp_path):
    store = CorrectionStore(Database(f"sqlite:///{tmp_path}/c.db"))
    first, _ = store.add(right())
    asked = []
    note = lambda _connection, _cursor, *query: asked.append(query[:2])  # noqa: E731
    event.listen(store.database.engine, "before_cursor_execute", note)
    for where in (CorrectionFilter(), CorrectionFilter(state="pending", label=3, answer=1, disagrees=True, kept=True)):
        store.page(where, order=TEACHING, after=first)
        store.page(where, order=TEACHING, before=first)
    event.remove(store.database.engine, "before_cursor_execute", note)
    queries = [query for query in asked if "ORDER BY" in query[0]]
    assert len(queries) == 2 * (6 + 1)
    with store.database.engine.connect() as connection:
        for statement, values in queries:
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert ["USING COVERING INDEX ix_corrections_queue" in step[3] for step in steps] == [True], steps
    store.database.close()


def test_the_page_shows_the_queue_and_how_often_champion_and_challenger_differ(tmp_path):
    challenger = another_version(tmp_path / "challenger", "challenger") / MODEL_NAME
    settings = {**LOCKED, "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/c.db", "DIGITREC_CHALLENGER": str(challenger)}
    app = create_app(settings)
    client, _ = log_in(app)
    agreed = told(app.test_client(), label=4).json["id"]
    wrong = told(app.test_client(), label=9, session="tablet-7").json["id"]
    assert ids(client) == [wrong, agreed]
    assert ids(client, "?order=arrival") == [agreed, wrong]
    assert client.get("/review/?order=random").status_code == 400
    stored = get_corrections(app).get(wrong)
    with app.app_context():
        assert stored.challenger == get_challenger().source.current().sha256
    assert stored.challenger_answer == 4
    page = client.get("/review/").text
    assert "Challenger: <b>4</b>." in page
    assert "session tablet-7" in page
    assert "has answered 0" in page
