"""How gunicorn serves the app: gunicorn -c flask_app/gunicorn.conf.py "flask_app:create_app()"."""
# ruff: noqa: N999  (gunicorn looks for a file of this name)

from digitrec.errors import DigitrecError
from flask_app import create_app
from flask_app.config import ConfigError, address

try:
    # Made here too, because gunicorn buries what its worker says of a failure in two tracebacks.
    settings = create_app().config
except (ConfigError, DigitrecError) as error:
    raise SystemExit(f"digitrec cannot start: {error}") from None

bind = address(settings)
# One process: ONNX Runtime lets go of the interpreter's lock while it computes, so threads share
# the work, and the rotating log file has a single writer.
workers = 1
worker_class = "gthread"
threads = settings["DIGITREC_THREADS"]
timeout = 30  # seconds without a sign of life before the worker is replaced
graceful_timeout = 10  # seconds for requests under way when the server is stopped
keepalive = 5  # seconds; live answers while drawing reuse the connection
control_socket_disable = True  # nothing administers this server at run time
