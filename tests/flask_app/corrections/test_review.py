"""The review of corrections: who gets in, what is shown, what a decision does; on SQLite and on PostgreSQL."""

import re

import pytest
from werkzeug.security import generate_password_hash

from digitrec import Recognizer
from digitrec.training_rows import NOT_A_DIGIT
from flask_app import ConfigError, create_app
from flask_app.corrections.criteria import Decision
from flask_app.corrections.models import ACCEPTED
from flask_app.extensions import get_corrections
from tests.flask_app.corrections.test_corrections import correction
from tests.support.drawings import drawing, encoded

PASSWORD = "correct horse"
HASH = generate_password_hash(PASSWORD)
KEY = "k" * 32
LOCKED = {"DIGITREC_LOG_FILE": "", "DIGITREC_REVIEW_PASSWORD_HASH": HASH, "DIGITREC_SECRET_KEY": KEY}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer()


@pytest.fixture
def app(url, recognizer):
    made = create_app({**LOCKED, "DIGITREC_DATABASE_URL": url}, recognizer)
    yield made
    get_corrections(made).database.close()


@pytest.fixture
def lite(tmp_path, recognizer):
    return create_app({**LOCKED, "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/lite.db"}, recognizer)


def store_of(app):
    return get_corrections(app)


def token(client, path="/review/login") -> str:
    return TOKEN.search(client.get(path).text)[1]


def log_in(app, password=PASSWORD):
    client = app.test_client()
    response = client.post("/review/login", data={"csrf_token": token(client), "password": password})
    return client, response


def decide(client, number, decision, *, csrf=None, seen=None, **options):
    fields = {"decision": decision, "csrf_token": csrf or token(client, "/review/?state=")}
    return client.post(f"/review/{number}", data=fields | ({"seen": seen} if seen else {}), **options)


def ids(client, query="") -> list[int]:
    response = client.get(f"/review/{query}")
    assert response.status_code == 200
    return [int(number) for number in re.findall(r'id="c(\d+)"', response.text)]


def test_without_a_password_there_is_no_such_page(tmp_path, recognizer) -> None:
    client = create_app(
        {"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/c.db"}, recognizer
    ).test_client()
    assert {client.get(path).status_code for path in ("/review", "/review/", "/review/login")} == {404}


def test_without_a_key_the_server_does_not_start(tmp_path, recognizer) -> None:
    with pytest.raises(ConfigError, match=r"DIGITREC_SECRET_KEY is empty.*secrets.token_hex"):
        create_app({**LOCKED, "DIGITREC_SECRET_KEY": ""}, recognizer)


@pytest.mark.parametrize("path", ["/review/", "/review/1/drawing.png", "/review/1/frame.png"])
def test_without_a_login_review_redirects_to_the_login_page(lite, path: str) -> None:
    store_of(lite).add(correction())
    response = lite.test_client().get(path)
    assert (response.status_code, response.location) == (303, "/review/login")


def test_a_stranger_decides_nothing(lite) -> None:
    number, _ = store_of(lite).add(correction())
    client = lite.test_client()
    assert client.post(f"/review/{number}", data={"decision": "accept"}).location == "/review/login"
    assert store_of(lite).get(number).state == "pending"


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", HASH])
def test_a_wrong_password_does_not_open(lite, password: str) -> None:
    client, response = log_in(lite, password)
    assert response.status_code == 401
    assert "That is not the password." in response.text
    assert client.get("/review/").status_code == 303


def test_the_password_opens_and_logging_out_closes(lite) -> None:
    client, response = log_in(lite)
    assert (response.status_code, response.location) == (303, "/review/")
    assert "No corrections yet." in client.get("/review/").text
    client.post("/review/logout", data={"csrf_token": token(client, "/review/")})
    assert client.get("/review/").status_code == 303


def test_the_cookie_is_for_this_site_and_this_server_alone(lite) -> None:
    _, response = log_in(lite)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("digitrec_review=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    client = lite.test_client()
    by_https = {"base_url": "https://localhost"}
    page = client.get("/review/login", **by_https)
    sent = {"csrf_token": TOKEN.search(page.text)[1], "password": PASSWORD}
    headers = {"Referer": "https://localhost/review/login"}
    assert "Secure" in client.post("/review/login", data=sent, headers=headers, **by_https).headers["Set-Cookie"]


def test_guessing_is_slowed(lite) -> None:
    client = lite.test_client()
    sent = {"csrf_token": token(client), "password": "guess"}
    assert [client.post("/review/login", data=sent).status_code for _ in range(11)] == [401] * 10 + [429]


def test_a_new_password_ends_all_sessions(tmp_path, recognizer) -> None:
    settings = {**LOCKED, "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/c.db"}
    client, _ = log_in(create_app(settings, recognizer))
    cookie = client.get_cookie("digitrec_review").value
    settings["DIGITREC_REVIEW_PASSWORD_HASH"] = generate_password_hash(PASSWORD)
    other = create_app(settings, recognizer).test_client()
    other.set_cookie("digitrec_review", cookie)
    assert other.get("/review/").status_code == 303


@pytest.mark.parametrize("csrf", ["", "made up"])
def test_a_form_from_elsewhere_is_refused(lite, csrf: str) -> None:
    number, _ = store_of(lite).add(correction())
    client, _ = log_in(lite)
    assert decide(client, number, "accept", csrf=csrf or " ").status_code == 400
    assert store_of(lite).get(number).state == "pending"
    assert client.post("/review/login", data={"password": PASSWORD}).status_code == 400


def test_each_decision_is_kept(app) -> None:
    store = store_of(app)
    numbers = [store.add(correction(label=4))[0] for _ in range(5)]
    client, _ = log_in(app)
    for number, word in zip(numbers, ["accept", "9", str(NOT_A_DIGIT), "reject", "0"], strict=True):
        response = decide(client, number, word)
        assert response.status_code == 303
        assert response.location.endswith(f"#c{number}")
    kept = [(store.get(number).state, store.get(number).reviewed_label) for number in numbers]
    assert kept == [("accepted", 4), ("accepted", 9), ("accepted", 10), ("rejected", None), ("accepted", 0)]
    decide(client, numbers[0], "undo")
    assert (store.get(numbers[0]).state, store.get(numbers[0]).reviewed) == ("pending", None)


def test_json_decisions_are_answered_in_json_and_conflicts_get_409(app) -> None:
    store = store_of(app)
    number, _ = store.add(correction(label=4))
    client, _ = log_in(app)
    seen = store.get(number).version
    ask = {"headers": {"Accept": "application/json"}}
    told = decide(client, number, "7", seen=seen, **ask).json
    assert (told["state"], told["label"], told["seen"]) == ("accepted", 7, store.get(number).version)
    assert decide(client, number, "reject", seen=seen, **ask).status_code == 409
    assert store.get(number).state == "accepted"
    assert decide(client, number, "reject", seen=told["seen"], **ask).json["state"] == "rejected"


@pytest.mark.parametrize("word", ["", "11", "-1", "perhaps", "²"])
def test_invalid_decisions_are_refused(lite, word: str) -> None:
    number, _ = store_of(lite).add(correction())
    client, _ = log_in(lite)
    assert decide(client, number, word).status_code == 400
    assert decide(client, number + 1, "accept").status_code == 404


def test_pages_and_filters(app) -> None:
    store = store_of(app)
    wrong = [store.add(correction(label=4, predicted=9))[0] for _ in range(25)]
    (right,) = [store.add(correction(label=7, predicted=7, frame=None, drawing=None, model="cd" * 32))[0]]
    store.review(wrong[0], Decision(ACCEPTED, 4))
    client, _ = log_in(app)
    assert ids(client) == wrong[1:25]
    assert ids(client, f"?after={wrong[24]}") == []
    assert ids(client, f"?after={wrong[24]}&state=pending") == [right]
    assert ids(client, "?state=&label=7") == [right]
    assert ids(client, "?state=accepted") == wrong[:1]
    assert ids(client, "?outcome=right") == [right]
    assert ids(client, "?answer=9&outcome=wrong") == wrong[1:25]
    assert ids(client, f"?model={'cd' * 32}") == [right]
    assert ids(client, "?kept=1&label=7") == []
    assert ids(client, "?kept=0&state=pending") == [right]
    everything = client.get("/review/?state=").text
    following = re.search(r'href="([^"]+)">Next page', everything)[1].replace("&amp;", "&")
    assert ids(client, following.removeprefix("/review/")) == [wrong[24], right]
    second = client.get(following).text
    assert "Next page" not in second
    back = re.search(r'href="([^"]+)">Previous page', second)[1].replace("&amp;", "&")
    assert ids(client, back.removeprefix("/review/")) == wrong[:24]
    assert "Previous page" not in client.get(back).text
    assert "Next page" in client.get(back).text
    assert ids(client, f"?state=&before={right}") == wrong[1:]
    assert "Previous page" in client.get(f"/review/?state=&before={right}").text
    large = "9" * 20
    strange = (
        "state=lost",
        "label=x",
        "label=011",
        "outcome=maybe",
        "model=%00",
        "kept=2",
        f"after={large}",
        "before=x",
    )
    for query in strange:
        assert client.get(f"/review/?{query}").status_code == 400
    for address in (f"{large}/frame.png", f"{2**31}/drawing.png"):
        assert client.get(f"/review/{address}").status_code == 404


def test_what_can_be_reviewed_comes_first_and_counts_are_true(app) -> None:
    store = store_of(app)
    silent, _ = store.add(correction(frame=None, drawing=None))
    kept = [store.add(correction())[0] for _ in range(2)]
    client, _ = log_in(app)
    assert ids(client) == kept
    assert ids(client, "?state=pending") == [silent, *kept]

    def counts() -> dict[str, int]:
        found = re.findall(r'data-count="(\w+)">(\d+)<', client.get("/review/").text)
        return {name: int(count) for name, count in found}

    assert counts() == {"reviewable": 2, "pending": 3, "accepted": 0, "rejected": 0}
    told = decide(client, kept[0], "accept", headers={"Accept": "application/json"}).json
    assert told["counts"] == counts() == {"reviewable": 1, "pending": 2, "accepted": 1, "rejected": 0}


def test_a_doubted_drawing_reads_as_doubted_and_no_answer_as_certain(lite) -> None:
    store = store_of(lite)
    store.add(correction(label=10, predicted=0, confidence=0.99999, doubt=0.98))
    store.add(correction(label=9, predicted=9, confidence=0.99999, doubt=0.02))
    client, _ = log_in(lite)
    doubted, sure = re.findall(r'class="claim">(.*?)</p>', client.get("/review/").text, flags=re.DOTALL)
    assert " ".join(doubted.split()) == "Visitor: <b>not a digit</b>. Model: <b>not a digit</b>, best guess 0."
    assert " ".join(sure.split()) == "Visitor: <b>9</b>. Model: <b>9</b>, 99.9% sure."


def test_a_decision_is_taken_back_to_the_one_before(app) -> None:
    store = store_of(app)
    number, _ = store.add(correction(label=4))
    client, _ = log_in(app)
    for decision, undo in (("7", "undo"), ("reject", "7"), ("accept", "reject")):
        told = decide(client, number, decision, headers={"Accept": "application/json"}).json
        assert told["undo"] == undo
    decide(client, number, "reject")
    page = client.get("/review/").text  # without a script, where the card is not in the list any more
    assert f"Correction {number} is now rejected." in page
    word = re.search(r'name="decision" value="(\w+)">Undo', page)[1]
    decide(client, number, word)
    assert (store.get(number).state, store.get(number).reviewed_label) == ("accepted", 4)
    assert "is now" in client.get("/review/").text
    assert "is now" not in client.get("/review/").text


def test_an_empty_review_page_says_why(lite) -> None:
    client, _ = log_in(lite)
    page = client.get("/review/").text
    assert "No corrections yet." in page
    assert "<kbd>" not in page
    number, _ = store_of(lite).add(correction(label=4))
    assert "<kbd>" in client.get("/review/").text
    assert "No correction matches." in client.get("/review/?label=5").text
    store_of(lite).review(number, Decision(ACCEPTED, 4))
    assert "Nothing is pending." in client.get("/review/").text
    assert "No correction matches." in client.get("/review/?state=rejected").text
    store_of(lite).add(correction(frame=None, drawing=None))
    page = client.get("/review/").text
    assert "No pending correction has a drawing." in page
    without = re.search(r'href="/review/([^"]+kept=0)"', page)[1].replace("&amp;", "&")
    assert ids(client, without) == [number + 1]


def test_review_without_a_database_shows_an_error(tmp_path, recognizer) -> None:
    (tmp_path / "file").write_text("no folder")
    app = create_app({**LOCKED, "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/file/digitrec.db"}, recognizer)
    client, _ = log_in(app)
    response = client.get("/review/")
    assert response.status_code == 503
    assert "The database is not available now" in response.text
    assert response.headers["X-Request-ID"] in response.text


def test_pictures_are_shown_small(lite) -> None:
    sent = encoded(drawing(4, canvas=(900, 600)))
    number, _ = store_of(lite).add(correction(drawing=sent))
    client, _ = log_in(lite)
    for name, size in (("drawing", (280, 187)), ("frame", (28, 28))):
        response = client.get(f"/review/{number}/{name}.png")
        assert (response.mimetype, response.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
        assert tuple(int.from_bytes(response.data[i : i + 4]) for i in (16, 20)) == size
        assert response.headers["Cache-Control"] == "no-store"
    silent, _ = store_of(lite).add(correction(drawing=None, frame=None))
    assert client.get(f"/review/{silent}/drawing.png").status_code == 404


def test_the_command_makes_a_hash_that_opens(lite) -> None:
    runner = lite.test_cli_runner()
    done = runner.invoke(args=["corrections", "password"], input="a good one\na good one\n")
    (line,) = done.stdout.splitlines()
    name, _, value = line.partition("=")
    assert name == "DIGITREC_REVIEW_PASSWORD_HASH"
    settings = {**LOCKED, name: value.strip("'"), "DIGITREC_DATABASE_URL": lite.config["DIGITREC_DATABASE_URL"]}
    _, response = log_in(create_app(settings, store_of), "a good one")
    assert response.status_code == 303
    short = runner.invoke(args=["corrections", "password"], input="short\nshort\n")
    assert "the password has 5 characters" in short.output
