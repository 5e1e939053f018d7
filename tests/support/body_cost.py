"""A program that sends bodies to the app, in its own process, and prints what each cost: CPU seconds and megabytes."""

import io
import json
import resource
import sys
import time

from werkzeug.security import generate_password_hash

from flask_app import create_app


class Unasked:
    """A recognizer that must not be asked."""

    sha256, card = "", None

    def predict(self, image):
        raise AssertionError("asked")


MB = 10**6
JSON, FORM, PARTS = "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
LONG = b"a" * (25 * MB)
PART = b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n'
BODIES = {
    "empty objects": ("/api/v1/predict/batch", JSON, lambda: b'{"images": [' + b"{}," * (17 * MB) + b"{}]}"),
    "numbers": ("/api/v1/predict/batch", JSON, lambda: b'{"images": [' + b"1," * (25 * MB) + b"1]}"),
    "short texts": ("/api/v1/predict/batch", JSON, lambda: b'{"images": [' + b'"",' * (17 * MB) + b'""]}'),
    "many keys": ("/api/predict", JSON, lambda: b"{" + b",".join(b'"%d":0' % n for n in range(MB)) + b"}"),
    "nested lists": ("/api/predict", JSON, lambda: b"[" * (25 * MB)),
    "nested objects": ("/api/feedback", JSON, lambda: b'{"a":' * (5 * MB)),
    "one wide character": ("/api/predict", JSON, lambda: b'{"image": "' + LONG + "\U0001f600".encode() + b'"}'),
    "one wide escape": ("/api/predict", JSON, lambda: b'{"image": "' + LONG + b'\\ud83d\\ude00"}'),
    "a long number": ("/api/predict", JSON, lambda: b'{"image": ' + b"1" * (25 * MB) + b"}"),
    "a long fraction": ("/api/predict", JSON, lambda: b'{"image": 0.' + b"1" * (25 * MB) + b"}"),
    "blanks": ("/api/predict", JSON, lambda: b" " * (26 * MB)),
    "a form to the login": ("/review/login", FORM, lambda: b"a=&" * (8 * MB)),
    "a large form to the login": ("/review/login", FORM, lambda: b"password=" + b"a" * (26 * MB)),
    "a form to no address": ("/nowhere", FORM, lambda: b"a" * (26 * MB)),
    "many parts": ("/api/v1/predict/batch", PARTS, lambda: (PART + b"\r\n") * 500_000),
    "nearly boundaries": ("/api/predict", PARTS, lambda: PART + b"\r\n--y" * (5 * MB)),
    "line ends": ("/api/predict", PARTS, lambda: PART + b"\r" * (26 * MB)),
    "headers of parts": ("/api/predict", PARTS, lambda: b"--x\r\n" + b"a: b\r\n" * (4 * MB)),
}


def main() -> None:
    """Send each body, and print the costs as JSON."""
    app = create_app(
        {
            "DIGITREC_LOG_FILE": "",
            "DIGITREC_DATABASE_URL": "sqlite:///" + sys.argv[1] + "/cost.db",
            "DIGITREC_REVIEW_PASSWORD_HASH": generate_password_hash("swordfish"),
            "DIGITREC_SECRET_KEY": "k" * 32,
            "DIGITREC_WORK_LIMIT": "",
            "DIGITREC_PREDICT_LIMIT": "",
            "DIGITREC_BATCH_LIMIT": "",
            "DIGITREC_LOG_LEVEL": "ERROR",
        },
        Unasked(),
    )
    found = {}
    for name, (path, kind, make) in BODIES.items():
        body = make()
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "SERVER_NAME": "x",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        del body
        told: list[int] = []
        start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        list(app(environ, lambda status, _, told=told: told.append(int(status[:3]))))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
        found[name] = {"status": told[0], "cpu": time.process_time() - start, "grown": grown}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
