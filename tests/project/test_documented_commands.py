"""Every command and every Python snippet of the documents works.

Commands that answer at once are run. Of commands that train, measure or serve, the module and the flags are checked:
other tests run them on small data. The rest is excepted by name, with the reason.
"""

import importlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.servers import Server, serve_web_app
from tests.project.test_docs import PAGES, ROOT, text
from tests.support.drawings import drawing, encoded

RUN = ("curl ", "echo ", "flask --app flask_app corrections ", "python -c ", "digitrec --help")
CHECKED = re.compile(r"python -m ((?:training|benchmarks|flask_app|demos|tests)[\w.]*)|digitrec ([a-z]+)|make (\w+)")
EXCEPTED = {
    "sudo": "changes the system",
    "chmod": "changes the system",
    "sed": "writes a unit of systemd",
    "git": "needs a remote repository",
    "docker": "needs Docker; tests/demos/space/test_docker_space.py runs the Dockerfile's commands",
    "hf": "needs an account",
    "pip": "installs; tests/project/test_make.py does",
    "uv": "installs; tests/project/test_make.py does",
    "python -m pip": "installs; tests/project/test_make.py does",
    "python -m venv": "installs; tests/project/test_make.py does",
    "python3 -m venv": "installs; tests/project/test_make.py does",
    "python -m pytest": "runs tests",
    "python app.py": "tests/demos/space/test_gradio_space.py runs it",
    "python spark_predict.py": "needs Java; tests/digitrec/bulk/test_spark.py runs it where PySpark is",
    "flask --app flask_app corrections password": "asks for a password",
    "digitrec NAME": "stands for any command",
}
"""Beginnings of commands that are not run, and why."""

PROGRAMS = {beginning.split()[0] for beginning in (*RUN, *EXCEPTED)} | {"make", "digitrec", "python"}
DOCUMENTED_SERVER = re.compile(r"(localhost|127\.0\.0\.1):(5000|7860)")


def commands_on(page: str) -> Iterator[str]:
    """Yield the commands of a page, each on one line and without its comment, from blocks and from inline code."""
    written = re.sub(r"\\\n\s*|(?<=\|)\n\s*(?=curl)", "", text(page).replace(".venv/bin/", ""))
    blocks = re.findall(r"^```(\w*)\n(.*?)^```|^((?: {4}.*\n)+)", written, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for _, fenced, indented in blocks for line in (fenced or indented).splitlines()]
    lines += [code for code in re.findall(r"`([^`\n]+)`", written) if " " in code]
    for line in lines:
        if line.split()[:1] and line.split()[0] in PROGRAMS:
            yield re.sub(r"\s+# .*", "", line)


COMMANDS = sorted({(page, command) for page in PAGES for command in commands_on(page)})


def is_run(command: str) -> bool:
    return command.startswith(RUN) and not is_excepted(command)


def is_excepted(command: str) -> bool:
    return any(command.startswith(f"{beginning} ") or command == beginning for beginning in EXCEPTED) or (
        "| sudo " in command
    )


def test_the_documents_have_commands():
    assert len(COMMANDS) > 60
    assert sum(is_run(command) for _, command in COMMANDS) > 8


@pytest.mark.parametrize(("page", "command"), [pair for pair in COMMANDS if not is_run(pair[1])])
def test_a_command_that_is_not_run_here_is_known(page, command, monkeypatch, capsys):
    if is_excepted(command):
        return
    found = CHECKED.match(command)
    assert found, f"{page}: run {command!r} here, or except it by name"
    module, name, target = found.groups()
    if target:
        assert re.search(rf"^\.PHONY: .*\b{target}\b", text("Makefile"), re.MULTILINE), f"{page}: {command}"
        return
    flags = [word.partition("=")[0] for word in shlex.split(command, comments=True) if word.startswith("--")]
    shown = help_of(module, name, monkeypatch, capsys) if flags else ""
    assert [flag for flag in flags if not re.search(rf"{flag}\b", shown)] == [], f"{page}: {command}"


def help_of(module: str | None, name: str | None, monkeypatch, capsys) -> str:
    """What a command prints with --help."""
    monkeypatch.setattr(sys, "argv", ["command", *([name] if name else []), "--help"])
    path = ROOT / (module or "digitrec/cli/dispatch").replace(".", "/")
    dotted = (module or "digitrec.cli.dispatch") + (".__main__" if path.is_dir() else "")
    with pytest.raises(SystemExit) as end:
        importlib.import_module(dotted).main()
    assert not end.value.code
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web app, its database in the folder that commands run in."""
    folder = tmp_path_factory.mktemp("documents")
    for digit, name in ((7, "seven"), (4, "four")):
        (folder / f"{name}.png").write_bytes(encoded(255 - drawing(digit)))
    (folder / "photo.jpg").write_bytes(encoded(255 - drawing(3), "JPEG"))
    with serve_web_app(folder) as running:
        yield running


@pytest.mark.parametrize(("page", "command"), [pair for pair in COMMANDS if is_run(pair[1])])
def test_a_command_runs(page, command, server):
    folder = server.log.parent
    here = DOCUMENTED_SERVER.sub(server.url.removeprefix("http://"), command).replace("/srv/digitrec/", f"{folder}/")
    here = re.sub(r"^curl ", "curl --fail ", here)
    environ = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DIGITREC_DATABASE_URL": f"sqlite:///{folder / 'digitrec.db'}",
        "DIGITREC_LOG_FILE": "",
    }
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", here], cwd=folder, env=environ, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{page}: {command}\n{done.stderr}"
    if "predict" in command:
        assert '"digit":7' in done.stdout.replace(" ", ""), done.stdout


@pytest.mark.parametrize(
    "page", [page for page in PAGES if re.search(r"^```py", text(page), re.MULTILINE) and page != "ARCHITECTURE.md"]
)
def test_python_snippets_run(page, server, monkeypatch, capsys):
    monkeypatch.chdir(server.log.parent)
    for snippet in re.findall(r"^```py(?:thon)?\n(.*?)^```", text(page), re.MULTILINE | re.DOTALL):
        if "import pyspark" in snippet or "from pyspark" in snippet:
            continue  # needs Java; tests/digitrec/bulk/test_spark.py runs it
        exec(DOCUMENTED_SERVER.sub(server.url.removeprefix("http://"), snippet), {})
    if "requests" in text(page):
        assert capsys.readouterr().out.startswith("7")


def test_the_snippet_for_gradios_client_runs(gradio, server, monkeypatch):
    monkeypatch.chdir(server.log.parent)
    (block,) = re.findall(r"((?:^ {4}.*\n|^\n(?= {4}))*^ {4}from gradio_client.*\n(?:^ {4}.*\n|^\n(?= {4}))+)",
                          text("docs/gradio.md"), re.MULTILINE)  # fmt: skip
    *setup, last = [line[4:] for line in block.splitlines() if line.strip() and not line.startswith("    #")]
    names: dict = {}
    exec(DOCUMENTED_SERVER.sub(gradio.url.removeprefix("http://"), "\n".join(setup)), names)
    assert eval(last, names)["digit"] == 7
    names["client"].close()
