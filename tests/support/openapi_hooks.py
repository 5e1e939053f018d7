"""What schemathesis cannot know: which bytes are a picture. It loads this by `SCHEMATHESIS_HOOKS`."""

import base64

import schemathesis
from hypothesis import strategies as st

from flask_app.openapi.schemas import DATA_URL, IMAGE_TYPES
from tests.support.drawings import drawing, encoded

PICTURES = [encoded(drawing(digit, size=40 + 20 * digit)) for digit in range(10)]
URLS = ["data:image/png;base64," + base64.b64encode(picture).decode() for picture in PICTURES]

for kind in (*IMAGE_TYPES, "application/octet-stream"):
    schemathesis.openapi.media_type(kind, st.sampled_from(PICTURES))
schemathesis.openapi.format(DATA_URL, st.sampled_from(URLS))
