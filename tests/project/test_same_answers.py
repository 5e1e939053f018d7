"""The same drawings through every front end: `digitrec.predict`, the web app, the Gradio sketchpad, the dashboard."""

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

import digitrec
from demos.dashboard.models.choice import ModelChoice
from demos.dashboard.models.loaded import predict_with
from flask_app import create_app
from tests.support.drawings import BLUE, YELLOW, drawing, painted

COUNT = 200


def picture(number: int) -> Image.Image:
    """A drawing in one of the forms that people send: on white, on black, in colours, or in the alpha channel alone."""
    rng = np.random.default_rng(number)
    size = float(rng.uniform(40, 200))
    ink = drawing(
        number % 10,
        size=size,
        at=tuple(rng.uniform(10, 270 - size, 2)),
        thickness=float(rng.uniform(2, size / 5)),
        canvas=(280, 280),
    )
    match number // 10 % 4:
        case 0:
            return Image.fromarray(255 - ink)
        case 1:
            return Image.fromarray(ink)
        case 2:
            return Image.fromarray(painted(ink, BLUE, YELLOW))
    transparent = np.zeros((*ink.shape, 4), np.uint8)
    transparent[..., 3] = ink
    return Image.fromarray(transparent)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawings")
    paths = [folder / f"{number}.png" for number in range(COUNT)]
    for number, path in enumerate(paths):
        picture(number).save(path)
    return paths


def test_all_front_ends_give_the_same_answer_to_the_same_file(files, gradio):
    sketchpad = Client(gradio.url, verbose=False, analytics_enabled=False)
    web = create_app({"TESTING": True, "DIGITREC_LOG_FILE": ""}).test_client()

    def by_web(path):
        return web.post("/api/predict", data=path.read_bytes(), content_type="image/png").get_json()

    def by_sketchpad(path):
        return sketchpad.predict(handle_file(str(path)), api_name="/predict")

    def by_dashboard(path):
        return predict_with(ModelChoice(), np.asarray(Image.open(path).convert("RGBA"))).to_dict()

    digits = []
    for path in files:
        expected = digitrec.predict(path)
        digits.append(expected.digit)
        for ask in (by_web, by_sketchpad, by_dashboard):
            found = ask(path)
            where = f"{path.name} {ask.__name__}"
            assert (found["digit"], found["is_digit"]) == (expected.digit, expected.is_digit), where
            assert found["doubt"] == pytest.approx(expected.doubt, abs=1e-6), where
            np.testing.assert_allclose(found["probabilities"], expected.probabilities, atol=1e-6, rtol=0, err_msg=where)
    sketchpad.close()
    assert set(digits) == set(range(10))
