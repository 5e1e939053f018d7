"""What tests share: the data sets on this machine, and the shipped recognizer."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitrec import Recognizer
from tests.support import postgres
from tests.support.gradio_server import Sketchpad, sketchpad

SLOWEST = (
    "project/test_learning_loop.py",
    "browser/test_static_page.py",
    "browser/test_training.py",
    "faults/test_clients.py",
    "benchmarks/test_benchmarks.py",
    "browser/test_looking.py",
    "digitrec/learning/test_trainer.py",
    "faults/test_faults.py",
    "digitrec/learning/test_jax.py",
    "project/test_make.py",
    "digitrec/decoding/test_cost.py",
    "demos/dashboard/test_publish_page.py",
    "browser/test_gradio_page.py",
    "training/test_commands.py",
    "demos/test_gradio_app.py",
    "faults/test_silent_clients.py",
    "faults/test_overload.py",
    "browser/test_page.py",
    "training/test_train_reader.py",
    "demos/dashboard/test_pages.py",
    "demos/dashboard/test_data_page.py",
    "project/test_same_answers.py",
    "demos/space/test_gradio_space.py",
    "digitrec/learning/models/test_export.py",
    "training/test_search.py",
    "browser/test_access.py",
    "digitrec/test_recognizer.py",
    "flask_app/test_openapi.py",
    "flask_app/test_server.py",
    "browser/test_numbers.py",
    "browser/test_why.py",
    "browser/test_drawing.py",
    "digitrec/bulk/test_ray.py",
    "project/test_documented_commands.py",
    "demos/dashboard/test_evaluate_page.py",
    "demos/dashboard/test_try_it_page.py",
    "project/test_wheel.py",
    "benchmarks/test_accuracy.py",
    "demos/space/test_docker_space.py",
    "digitrec/learning/models/test_distillation.py",
    "browser/test_feedback.py",
    "flask_app/corrections/test_corrections.py",
    "benchmarks/test_recipes.py",
    "flask_app/corrections/test_review.py",
    "digitrec/learning/strokes/test_suspects.py",
    "digitrec/learning/models/test_interpolation.py",
    "digitrec/test_ink_properties.py",
    "browser/test_api_page.py",
    "digitrec/bulk/test_run.py",
    "digitrec/learning/search/test_trials.py",
    "digitrec/learning/negatives/test_negatives.py",
    "browser/test_languages.py",
    "browser/test_photographs.py",
    "browser/test_uploads.py",
)
"""Files that take longest, in the order they begin in: all processes end together if the short ones come last."""

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # What a shell starts in the background ignores it, and so would servers that tests stop by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest files first; the tests of a file keep their order."""
    ranks = {Path(__file__).parent / name: rank for rank, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(SLOWEST)))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays anyway: TensorFlow's modules alone are half a million objects."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of MNIST and the other data sets. Without one a test is skipped."""
    folder = os.environ.get("DIGITREC_DATA_DIR")
    if folder:
        return Path(folder)
    pytest.skip("DIGITREC_DATA_DIR is not set: it names the folder that holds mnist.npz")


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    """The shipped model."""
    return Recognizer()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    return f"sqlite:///{tmp_path}/instance/digitrec.db" if request.param == "sqlite" else postgres.server().database()


@pytest.fixture(scope="session", autouse=True)
def _no_server_stays_behind() -> Iterator[None]:
    yield
    postgres.shut_down()


@pytest.fixture(scope="session")
def gradio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sketchpad]:
    """The Gradio sketchpad, served as `make demo` serves it."""
    with sketchpad(tmp_path_factory.mktemp("gradio")) as running:
        yield running
