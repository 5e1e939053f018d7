"""The web app's settings: one table, one row each."""

from digitrec.decoding import MAX_BYTES
from flask_app.settings import parsers
from flask_app.settings.database_url import database_url
from flask_app.settings.parsers import LEVELS, SECRET_LENGTH, Setting

PREFIX = "DIGITREC_"
MEGABYTE = 1_000_000
LARGEST_MB = MAX_BYTES // MEGABYTE

SETTINGS = (
    Setting(
        "DIGITREC_HOST",
        "127.0.0.1",
        parsers.host,
        "a host name or an IP address",
        "Address to listen on; 0.0.0.0 lets other machines in.",
    ),
    Setting(
        "DIGITREC_PORT",
        "5000",
        parsers.whole(1, 65535),
        "a whole number from 1 to 65535",
        "Port to listen on.",
    ),
    Setting(
        "DIGITREC_THREADS",
        "16",
        parsers.whole(1, 64),
        "a whole number from 1 to 64",
        "Most requests under way at once: two are worked on, the others held up by a slow client or the database.",
    ),
    Setting(
        "DIGITREC_MODEL",
        "",
        parsers.path,
        "the path of an ONNX file, or empty",
        "Model to serve; empty for the one that ships with digitrec.",
    ),
    Setting(
        "DIGITREC_MAX_UPLOAD_MB",
        str(LARGEST_MB),
        parsers.whole(1, LARGEST_MB),
        f"a whole number from 1 to {LARGEST_MB}",
        "Largest picture accepted, in megabytes.",
    ),
    Setting(
        "DIGITREC_MAX_BATCH_MB",
        "40",
        parsers.whole(1, 1000),
        "a whole number from 1 to 1000",
        "Largest batch of pictures accepted, in megabytes.",
    ),
    Setting(
        "DIGITREC_TRUSTED_PROXIES",
        "0",
        parsers.whole(0, 10),
        "a whole number from 0 to 10",
        "Reverse proxies in front whose X-Forwarded-* headers are believed.",
    ),
    Setting(
        "DIGITREC_DATABASE_URL",
        "sqlite:///instance/digitrec.db",
        database_url,
        "the address of a SQLite file or of a PostgreSQL, or empty",
        "Where corrections are kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; empty to take none.",
    ),
    Setting(
        "DIGITREC_REVIEW_PASSWORD_HASH",
        "",
        parsers.password_hash,
        "a hash from `flask --app flask_app corrections password`, or empty",
        "Hash of the password for /review; empty for no such page.",
        secret=True,
    ),
    Setting(
        "DIGITREC_SECRET_KEY",
        "",
        parsers.secret_key,
        f"{SECRET_LENGTH} or more characters, or empty",
        "Signs the cookies of /review, which needs it.",
        secret=True,
    ),
    Setting(
        "DIGITREC_PREDICT_LIMIT",
        "1200/minute",
        parsers.rate,
        "a rate such as 100/minute, or empty",
        "Questions that one client may ask; empty for any number.",
    ),
    Setting(
        "DIGITREC_BATCH_LIMIT",
        "30/minute",
        parsers.rate,
        "a rate such as 100/minute, or empty",
        "Batches that one client may send; empty for any number.",
    ),
    Setting(
        "DIGITREC_FEEDBACK_LIMIT",
        "60/minute",
        parsers.rate,
        "a rate such as 100/minute, or empty",
        "Corrections that one client may send; empty for any number.",
    ),
    Setting(
        "DIGITREC_LIMITS_URL",
        "memory://",
        parsers.limits_url,
        "memory:// or the address of a Redis",
        "Where clients are counted: redis://HOST:6379/0 lets replicas count together.",
    ),
    Setting(
        "DIGITREC_METRICS",
        "off",
        parsers.one_of("on", "off"),
        "on or off",
        "Whether /metrics answers, for Prometheus.",
    ),
    Setting(
        "DIGITREC_HSTS_SECONDS",
        "31536000",
        parsers.whole(0, 63_072_000),
        "a whole number from 0 to 63072000",
        "How long a browser that came by HTTPS shall come by nothing else; 0 to say nothing of it.",
    ),
    Setting(
        "DIGITREC_LOG_FORMAT",
        "text",
        parsers.one_of("text", "json"),
        "text or json",
        "Lines of name=value, or one JSON object a line.",
    ),
    Setting(
        "DIGITREC_LOG_LEVEL",
        "INFO",
        parsers.level,
        "one of " + ", ".join(LEVELS),
        "Least serious message to log; request lines are INFO.",
    ),
    Setting(
        "DIGITREC_LOG_FILE",
        "logs/digitrec.log",
        parsers.path,
        "a path, or empty",
        "File to log to, besides the console; empty for none.",
    ),
    Setting(
        "DIGITREC_LOG_FILE_MB",
        "5",
        parsers.whole(1, 1000),
        "a whole number from 1 to 1000",
        "Size at which the log file is rotated, in megabytes.",
    ),
    Setting(
        "DIGITREC_LOG_FILES",
        "5",
        parsers.whole(1, 100),
        "a whole number from 1 to 100",
        "Rotated log files to keep, besides the current one.",
    ),
)
