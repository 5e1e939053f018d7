"""What `benchmarks.serving` compares the web app with: Flask with next to nothing behind it."""

import io

import numpy as np
import onnxruntime as ort
from flask import Flask, request
from PIL import Image

from digitrec.artifacts import model_path
from digitrec.recognizer import OUTPUTS


def hello() -> Flask:
    """An app that answers every picture with the same two words: what Flask and the server cost."""
    app = Flask(__name__)

    @app.post("/api/predict")
    def predict() -> dict[str, str]:
        return {"hello": "world"}

    return app


def bare() -> Flask:
    """An app that decodes a picture, runs the model and names the digit: no checks, limits, log or doubt.

    It takes the drawing for dark on light, and gives the graph all of its work, as `predict` does.
    """
    app = Flask(__name__)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model_path(), options, providers=["CPUExecutionProvider"])

    @app.post("/api/predict")
    def predict() -> dict[str, int | list[float]]:
        with Image.open(io.BytesIO(request.get_data())) as picture:
            gray = np.asarray(picture.convert("L"), np.float32)
        probabilities, *_ = session.run(list(OUTPUTS), {"ink": 1 - gray[np.newaxis] / 255})
        return {"digit": int(probabilities[0].argmax()), "probabilities": probabilities[0].tolist()}

    return app
