"""The recognizer that runs in the browser, where `make browser` has built it."""

import pytest

from flask_app import create_app
from flask_app.headers import CSP

QUIET = {"TESTING": True, "DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""}


@pytest.fixture
def built(tmp_path):
    for version in ("0123456789", "9876543210"):
        folder = tmp_path / "assets" / version
        folder.mkdir(parents=True)
        (folder / "local.js").write_text(f"// {version}", "utf-8")
    return tmp_path


def test_the_page_names_the_newest_version_and_may_run_it(built):
    client = create_app(QUIET | {"DIGITREC_BROWSER_FOLDER": str(built)}).test_client()
    page = client.get("/")
    assert 'data-local-url="/browser/9876543210/local.js"' in page.text
    assert "'wasm-unsafe-eval'" in page.headers[CSP]
    with client.get("/browser/9876543210/local.js") as entry:
        assert entry.text == "// 9876543210"
        assert entry.cache_control.immutable
        assert entry.mimetype == "text/javascript"
    assert client.get("/browser/9876543210/../../secret").status_code == 404


@pytest.mark.parametrize("folder", ["", "missing"])
def test_without_the_files_the_page_is_as_ever(folder, tmp_path):
    path = str(tmp_path / folder) if folder else ""
    page = create_app(QUIET | {"DIGITREC_BROWSER_FOLDER": path}).test_client().get("/")
    assert "data-local-url" not in page.text
    assert "wasm" not in page.headers[CSP]
