"""The Gradio sketchpad as programs meet it: its server, its named endpoints, its MCP tools."""

import asyncio
import base64
import csv
import http.client
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

import digitrec
from benchmarks.servers import free_port, serve
from demos.gradio_app import main
from digitrec.learning.data.kaggle_csv import load_csv
from tests.support.drawings import drawing, encoded, painted, sketched

ROOT = Path(__file__).parents[2]
PUBLIC = {"/predict", "/read", "/explain", "/model_input", "/predict_batch", "/correct"}


@pytest.fixture(autouse=True, scope="module")
def silence():
    """Clients tell Hugging Face of themselves, whatever their own argument says, unless this variable forbids it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        yield


@pytest.fixture(scope="module")
def client(gradio, tmp_path_factory):
    files = tmp_path_factory.mktemp("downloads")
    return Client(gradio.url, verbose=False, download_files=str(files))


@pytest.fixture
def picture(tmp_path):
    def make(content: bytes, name: str = "picture.png"):
        (tmp_path / name).write_bytes(content)
        return handle_file(str(tmp_path / name))

    return make


PICTURES = {
    "black on white": encoded(255 - drawing(2)),
    "white on black": encoded(drawing(3)),
    "ink in alpha alone": encoded(sketched(drawing(4))),
    "blue on yellow, JPEG": encoded(painted(drawing(5), (20, 40, 200), (250, 230, 60)), "JPEG"),
    "small in a corner of a large page": encoded(255 - drawing(6, size=60, at=(20, 500), canvas=(900, 700))),
    "16 bits": encoded(Image.fromarray(drawing(7).astype(np.uint16) * 257)),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_predict_answers_as_the_core_does_whatever_the_picture(client, picture, kind):
    answer = client.predict(picture(PICTURES[kind]), api_name="/predict")
    expected = digitrec.predict(PICTURES[kind]).to_dict()
    np.testing.assert_allclose(answer.pop("probabilities"), expected.pop("probabilities"), rtol=0, atol=1e-6)
    assert answer == expected


def test_a_non_digit_is_doubted(client, picture):
    both = np.maximum(drawing(4), drawing(7))
    assert client.predict(picture(encoded(both)), api_name="/predict")["is_digit"] is False


def test_an_answer_and_any_other_digit_are_explained(client, picture):
    four = encoded(255 - drawing(4))
    answer, path = client.predict(picture(four), api_name="/explain")
    assert (answer["digit"], answer["predicted"]) == (4, 4)
    assert np.shape(answer["frame_map"]) == (28, 28)
    with Image.open(path) as overlay:
        assert (overlay.mode, overlay.size) == ("RGB", (280, 280))
    answer, _ = client.predict(picture(four), "9", api_name="/explain")
    assert (answer["digit"], answer["predicted"]) == (9, 4)


def test_the_picture_that_the_model_saw(client, picture):
    path = client.predict(picture(encoded(drawing(3))), api_name="/model_input")
    seen = np.array(Image.open(path))
    np.testing.assert_array_equal(seen, np.rint(255 * digitrec.predict(drawing(3)).model_input))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no picture", "These 10 bytes are not a readable picture; pass a PNG"),
        (encoded(np.zeros((30, 40), np.uint8)), "No ink: nothing in this 40x30 picture stands out"),
    ],
)
@pytest.mark.parametrize("endpoint", ["/predict", "/model_input"])
def test_a_picture_without_an_answer_is_an_error_with_a_sentence(client, picture, content, words, endpoint):
    with pytest.raises(AppError, match=words):
        client.predict(picture(content), api_name=endpoint)


@pytest.mark.parametrize("endpoint", ["/predict", "/read"])
def test_no_picture_is_an_error_with_a_sentence(client, endpoint):
    with pytest.raises(AppError, match="The request has no picture"):
        client.predict(None, api_name=endpoint)


def test_read_answers_as_the_core_does(client, picture):
    answer, expected = client.predict(picture(TWO), api_name="/read"), digitrec.read(TWO).to_dict()
    assert answer["text"] == expected["text"]
    assert [one["box"] for one in answer["digits"]] == [pytest.approx(one["box"]) for one in expected["digits"]]
    assert answer["numbers"][0]["confidence"] == pytest.approx(expected["numbers"][0]["confidence"])
    assert client.predict(picture(encoded(np.zeros((30, 40), np.uint8))), api_name="/read")["digits"] == []
    with pytest.raises(AppError, match="These 10 bytes are not a readable picture"):
        client.predict(picture(b"no picture"), api_name="/read")


def test_a_batch_answers_each_file_by_name_and_gives_the_csv(client, picture):
    names = ["a four.png", "notes.txt"]
    files = [picture(encoded(drawing(4)), names[0]), picture(b"no picture", names[1])]
    answers, path = client.predict(files, api_name="/predict_batch")
    assert [answer["file"] for answer in answers] == names
    assert answers[0]["digit"] == 4
    assert set(answers[1]) == {"file", "problem"}
    rows = list(csv.DictReader(Path(path).read_text("utf-8").splitlines()))
    assert [row["file"] for row in rows] == names
    assert rows[1]["problem"] == answers[1]["problem"]
    with pytest.raises(AppError, match="There are no pictures yet"):
        client.predict([], api_name="/predict_batch")


def test_a_correction_is_saved_where_the_trainer_reads_it(client, picture, gradio):
    said = client.predict(picture(encoded(drawing(9))), "4", api_name="/correct")
    assert said == "Saved as a 4 in `corrections.csv`, for training with `--csv`."
    examples = load_csv(gradio.corrections)
    assert examples.labels[-1] == 4
    np.testing.assert_array_equal(examples.images[-1], np.rint(255 * digitrec.predict(drawing(9)).model_input))
    with pytest.raises(AppError):
        client.predict(picture(encoded(drawing(9))), "eleven", api_name="/correct")
    with pytest.raises(TypeError, match="required argument: label"):  # no label is taken for granted
        client.predict(picture(encoded(drawing(9))), api_name="/correct")
    assert len(load_csv(gradio.corrections)) == len(examples)


def test_the_endpoints_are_named_typed_and_documented_and_no_other_shows(client):
    api = client.view_api(return_format="dict")
    assert set(api["named_endpoints"]) == PUBLIC
    assert not api["unnamed_endpoints"]
    for name, endpoint in api["named_endpoints"].items():
        assert endpoint["description"], name
        for each in endpoint["parameters"] + endpoint["returns"]:
            assert each["python_type"]["type"] not in ("Any", "Dict[Any, Any]", ""), (name, each)
    answer = api["named_endpoints"]["/predict"]["returns"][0]["python_type"]["type"]
    assert answer == "dict(digit: int, confidence: float, is_digit: bool, doubt: float, probabilities: list[float])"


def test_ten_simultaneous_clients_each_get_their_answer(gradio, picture):
    start = Barrier(10)
    files = [picture(encoded(drawing(digit)), f"{digit}.png") for digit in range(10)]

    def ask(digit: int) -> list[int]:
        own = Client(gradio.url, verbose=False, download_files=False)
        start.wait(60)
        return [own.predict(files[digit], api_name="/predict")["digit"] for _ in range(3)]

    with ThreadPoolExecutor(10) as people:
        assert list(people.map(ask, range(10))) == [[digit] * 3 for digit in range(10)]


WAITS = """
import sys, threading
import digitrec
from demos.gradio_app import build_demo, launch

together = threading.Barrier(10)

class Waits:
    def predict(self, image):
        together.wait(60)
        return digitrec.predict(image)

launch(build_demo(Waits(), None), port=int(sys.argv[1]), mcp_server=False)
"""


def test_ten_are_answered_at_the_same_time_not_in_turn(picture, tmp_path):
    """Each of ten questions is answered only once all ten have been asked."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", WAITS, str(port)]
    with serve(command, url, tmp_path / "log.txt", {"GRADIO_TEMP_DIR": str(tmp_path / "files")}):
        asked = Client(url, verbose=False, download_files=False)
        assert set(asked.view_api(return_format="dict")["named_endpoints"]) == PUBLIC - {"/correct", "/explain"}
        five = picture(encoded(drawing(5)))
        jobs = [asked.submit(five, api_name="/predict") for _ in range(10)]
        assert [job.result(timeout=60)["digit"] for job in jobs] == [5] * 10


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


TWO = encoded(np.concatenate([drawing(4), drawing(7)], axis=1))


async def call_tools(url: str) -> tuple[dict, str, str, list, list[str]]:
    bad = [data_url(encoded(np.zeros((9, 9), np.uint8))), f"{url}/x.png", "/etc/passwd"]
    async with (
        streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as asked,
    ):
        await asked.initialize()
        tools = {tool.name: tool for tool in (await asked.list_tools()).tools}
        answer = await asked.call_tool("predict", {"picture": data_url(encoded(drawing(8)))})
        seen = await asked.call_tool("model_input", {"picture": data_url(encoded(drawing(8)))})
        reading = await asked.call_tool("read", {"picture": data_url(TWO)})
        refusals = [await asked.call_tool("predict", {"picture": each}) for each in bad]
        answers = [one.content[0].text for one in (answer, reading)]
        return tools, answers, seen.content, [refusal.content[0].text for refusal in refusals]


def test_the_endpoints_are_mcp_tools_that_take_data_urls_and_answer_json(gradio):
    # In a thread: where browser tests have run before, Playwright's event loop stands in the main one.
    with ThreadPoolExecutor(1) as aside:
        call = aside.submit(lambda: asyncio.run(call_tools(gradio.url)))
        tools, (answer, reading), seen, refusals = call.result(timeout=60)
    assert set(tools) == {"predict", "read", "explain", "model_input", "correct"}
    assert json.loads(reading)["text"] == digitrec.read(TWO).text == "47"
    assert tools["predict"].description.startswith("Recognize the handwritten digit in a picture.")
    assert "http" not in tools["predict"].description
    schema = tools["predict"].inputSchema
    assert schema["required"] == ["picture"]
    assert schema["properties"]["picture"]["type"] == "string"
    assert schema["properties"]["picture"]["format"].startswith("a picture as a data URL")
    assert "PNG, JPEG" in schema["properties"]["picture"]["description"]
    assert tools["correct"].inputSchema["properties"]["label"]["enum"][-1] == "no digit"
    expected = digitrec.predict(encoded(drawing(8))).to_dict()
    assert json.loads(answer)["digit"] == expected["digit"] == 8
    np.testing.assert_allclose(json.loads(answer)["probabilities"], expected["probabilities"], rtol=0, atol=1e-6)
    assert [each.type for each in seen] == ["image", "text"]
    assert "No ink" in refusals[0]
    assert refusals[1:] == ["picture must be a picture as a data URL, data:image/png;base64,...;"
                            " addresses are not fetched"] * 2  # fmt: skip


EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 40 40
%%EndComments
newpath 20 4 moveto 20 36 lineto 4 setlinewidth stroke
showpage
%%EOF
"""


def private_functions(url):
    """Functions of the page itself, by the kind of their first input: pad (html), picture (image) or files (file)."""
    config = httpx.get(f"{url}/config").json()
    kinds = {component["id"]: component["type"] for component in config["components"]}
    functions = {}
    for each in config["dependencies"]:
        if each["api_visibility"] == "private" and each["inputs"]:
            functions.setdefault(kinds[each["inputs"][0]], each["id"])
    return functions


def call_page(url, function, value):
    """Call a function of the page as its script does; returns the answer as text, whatever its status."""
    body = {"fn_index": function, "data": [value], "session_hash": "test"}
    return httpx.post(f"{url}/gradio_api/run/predict", json=body, timeout=60).text


def uploaded(url, content, name):
    """Upload a file as the page does; returns what names it in a call."""
    path = httpx.post(f"{url}/gradio_api/upload", files={"files": (name, content)}).json()[0]
    return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Ghostscript is a shell script")
@pytest.mark.parametrize("name", ["picture.eps", "picture.png"])
def test_no_upload_starts_ghostscript(gradio, client, picture, name):
    functions = private_functions(gradio.url)
    drawing_of_eps = {"number": 1, "picture": data_url(EPS)}
    assert "a PostScript document, which is not read" in call_page(gradio.url, functions["html"], drawing_of_eps)
    eps = uploaded(gradio.url, EPS, name)
    assert "a PostScript document, which is not read" in call_page(gradio.url, functions["image"], eps)
    for endpoint, more in (("/predict", ()), ("/read", ()), ("/model_input", ()), ("/correct", ("1",))):
        with pytest.raises(AppError, match="a PostScript document, which is not read"):
            client.predict(picture(EPS, name), *more, api_name=endpoint)
    answers, _ = client.predict([picture(EPS, name)], api_name="/predict_batch")
    assert "a PostScript document, which is not read" in answers[0]["problem"]
    assert not (gradio.programs / "ran").exists()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Ghostscript is a shell script")
def test_pillow_would_start_ghostscript_for_that_picture(gradio, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", f"{gradio.programs}{os.pathsep}{os.environ['PATH']}")
    code = "import io, sys; from PIL import Image; Image.open(io.BytesIO(sys.stdin.buffer.read())).load()"
    subprocess.run([sys.executable, "-c", code], input=EPS, capture_output=True, check=False)
    ran = gradio.programs / "ran"
    assert ran.exists()
    ran.unlink()


def test_errors_name_no_path_of_the_server(gradio, client):
    functions = private_functions(gradio.url)
    foreign = {"path": "/etc/passwd", "orig_name": "passwd", "meta": {"_type": "gradio.FileData"}}
    gone = uploaded(gradio.url, b"x", "gone.png")
    Path(gone["path"]).unlink()
    answers = [
        call_page(gradio.url, functions["image"], foreign),
        call_page(gradio.url, functions["image"], gone),
        call_page(gradio.url, functions["image"], "nonsense"),
        call_page(gradio.url, functions["html"], ["nonsense"]),
        call_page(gradio.url, functions["html"], {"number": 1, "picture": data_url(b"no picture")}),
    ]
    for answer in answers:
        assert str(gradio.corrections.parent) not in answer.replace(gone["path"], "")
        assert "/etc" not in answer
        assert "site-packages" not in answer
    assert "no longer here" in answers[1]


def test_a_file_is_not_fetched_from_an_address(gradio):
    functions = private_functions(gradio.url)
    named = {"path": "https://example.org/seven.png", "orig_name": "seven.png", "meta": {"_type": "gradio.FileData"}}
    assert "not fetched from addresses" in call_page(gradio.url, functions["image"], named)
    assert gradio.strangers() == set()


def test_requests_that_are_too_large_are_refused_before_they_are_read(gradio):
    def parts():  # without a length in its header
        for _ in range(30):
            yield b"x" * 100_000

    large = httpx.post(f"{gradio.url}/gradio_api/run/predict", content=b"x" * 1_000_001)
    assert (large.status_code, large.json()["error"]) == (413, "The request is larger than 1 MB; send less at once.")
    streamed = httpx.post(f"{gradio.url}/gradio_api/queue/join", content=parts())
    assert streamed.status_code == 413
    connection = http.client.HTTPConnection(gradio.url.removeprefix("http://"), timeout=60)
    connection.putrequest("POST", "/gradio_api/upload")
    connection.putheader("Content-Length", "300000000")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.endheaders()
    assert connection.getresponse().status == 413  # though no byte of the body has come
    connection.close()


@pytest.mark.parametrize("path", ["process_recording", "component_server", "component_server/", "stream/a/b/c"])
def test_addresses_that_the_page_does_not_use_are_closed(gradio, path):
    assert httpx.post(f"{gradio.url}/gradio_api/{path}").status_code == 404


def test_the_server_contacts_no_other_host(gradio, client, picture):
    client.predict(picture(encoded(drawing(1))), api_name="/predict")
    assert gradio.strangers() == set()
    assert "gradio.live" not in gradio.log.read_text("utf-8")


IMPORT = """
import json, sys, threading
import demos.gradio_app, digitrec.recognizer, gradio.context
forbidden = "keras tensorflow jax torch digitrec.learning streamlit".split()
heavy = [name for name in forbidden if name in sys.modules]
print(json.dumps([heavy, digitrec.recognizer._shared is None, gradio.context.Context.id, threading.active_count()]))
"""


def test_importing_makes_no_page_loads_no_model_and_needs_no_keras():
    done = subprocess.run([sys.executable, "-c", IMPORT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[], True, 0, 1]


@pytest.mark.parametrize(("flags", "environ"), [(["--port", "{taken}"], {}), ([], {"GRADIO_SERVER_PORT": "{taken}"})])
def test_a_port_that_is_taken_ends_the_start_in_one_clear_line(gradio, flags, environ):
    taken = gradio.url.rsplit(":", 1)[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADIO_")}
    clean |= {name: value.format(taken=taken) for name, value in environ.items()}
    command = [sys.executable, "-m", "demos.gradio_app", *(flag.format(taken=taken) for flag in flags)]
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert f"digitrec cannot listen on 127.0.0.1:{taken}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_no_number_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--port", "http"])
    assert "argument --port: 'http' is not a whole number from 1 to 65535" in capsys.readouterr().err
