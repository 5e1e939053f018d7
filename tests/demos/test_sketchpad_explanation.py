"""The sketchpad's output beside the answer: why, for the answer or any other digit."""

import numpy as np
import pytest

from demos.sketchpad.explanation import ANSWER, explain_picture, find_explainer, parse_asked
from demos.sketchpad.inputs import Upload
from demos.sketchpad.pad import Drawing
from digitrec import Explainer
from tests.support.drawings import drawing, encoded, sketched


@pytest.fixture(scope="module")
def explainer(recognizer):
    return Explainer(recognizer)


def test_a_drawing_is_explained(explainer):
    markup = explain_picture(explainer, Drawing(1, encoded(sketched(drawing(4)))), "9")
    assert "Why 9: " in markup
    assert 'src="data:image/png;base64,' in markup
    assert "Why 4: " in explain_picture(explainer, Drawing(1, encoded(sketched(drawing(4)))), ANSWER)


def test_nothing_is_shown_where_there_is_nothing_to_explain(explainer):
    blank = encoded(np.zeros((40, 40, 4), np.uint8))
    for picture in (None, Drawing(2, blank), Drawing(2, None)):
        assert explain_picture(explainer, picture, ANSWER) == ""


def test_an_upload_that_is_no_picture_is_a_sentence(explainer, tmp_path):
    file = tmp_path / "four.png"
    file.write_bytes(b"no picture")
    assert "not a readable picture" in explain_picture(explainer, Upload(file, "four.png"), ANSWER)


def test_explanations_are_of_the_answer_or_of_a_digit_and_need_the_graph(recognizer):
    assert [parse_asked(one) for one in (ANSWER, "0", "9", "ten")] == [None, 0, 9, None]
    assert find_explainer(object()) is None
    assert find_explainer(recognizer) is not None
