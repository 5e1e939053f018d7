"""The environments that tests start programs in."""

from tests.support.environments import clean_environ

LEAKS = {
    "ARGS": "--durations=9",  # of the make that runs the tests
    "MAKEFLAGS": " -- ARGS=--durations=9",
    "PYTEST_CURRENT_TEST": "one",
    "PYTHONPATH": "/elsewhere",
    "PYTHONHASHSEED": "0",
    "VIRTUAL_ENV": "/elsewhere",
    "DIGITREC_PORT": "1",
    "OMP_NUM_THREADS": "1",
}


def test_nothing_of_the_test_run_is_in_a_clean_environment(tmp_path, monkeypatch) -> None:
    for name, value in LEAKS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://index.example.org/simple")
    environ = clean_environ(tmp_path, DIGITREC_HOST="127.0.0.1")
    assert not LEAKS.keys() & environ.keys()
    assert environ["HOME"] == str(tmp_path)
    assert environ["DIGITREC_HOST"] == "127.0.0.1"
    assert {"PATH", "UV_CACHE_DIR", "UV_DEFAULT_INDEX"} <= environ.keys()
