"""The table of settings, one row for each."""

from digitrec.decoding import MAX_BYTES
from flask_app.settings import parsers
from flask_app.settings.database_url import parse_database_url
from flask_app.settings.parsers import LOG_LEVELS, MIN_SECRET_LENGTH, Setting

PREFIX = "DIGITREC_"
MEGABYTE = 1_000_000
LARGEST_MB = MAX_BYTES // MEGABYTE

SETTINGS = (
    Setting(
        "DIGITREC_HOST",
        "127.0.0.1",
        parsers.parse_host,
        "a host name or an IP address",
        "Address to listen on; 0.0.0.0 accepts connections from other machines.",
    ),
    Setting(
        "DIGITREC_PORT",
        "5000",
        parsers.integer(ge=1, le=65535),
        "a whole number from 1 to 65535",
        "Port to listen on.",
    ),
    Setting(
        "DIGITREC_THREADS",
        "24",
        parsers.integer(ge=1, le=64),
        "a whole number from 1 to 64",
        "Maximum number of threads: two that answer, and another for each that waits for a client or the database.",
    ),
    Setting(
        "DIGITREC_MODEL",
        "",
        parsers.parse_path,
        "the path of an ONNX file, or empty",
        "Model to serve; empty for the one that comes with digitrec.",
    ),
    Setting(
        "DIGITREC_MAX_UPLOAD_MB",
        str(LARGEST_MB),
        parsers.integer(ge=1, le=LARGEST_MB),
        f"a whole number from 1 to {LARGEST_MB}",
        "Maximum size of an image, in megabytes.",
    ),
    Setting(
        "DIGITREC_MAX_BATCH_MB",
        "40",
        parsers.integer(ge=1, le=1000),
        "a whole number from 1 to 1000",
        "Maximum size of a batch of images, in megabytes.",
    ),
    Setting(
        "DIGITREC_TRUSTED_PROXIES",
        "0",
        parsers.integer(ge=0, le=10),
        "a whole number from 0 to 10",
        "Number of reverse proxies in front, whose X-Forwarded-* headers are trusted.",
    ),
    Setting(
        "DIGITREC_DATABASE_URL",
        "sqlite:///instance/digitrec.db",
        parse_database_url,
        "the address of a SQLite file or of a PostgreSQL, or empty",
        "Database of corrections: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; empty for no corrections.",
    ),
    Setting(
        "DIGITREC_CORRECTIONS_MB",
        "2000",
        parsers.integer(ge=1, le=1_000_000),
        "a whole number from 1 to 1000000",
        "Room that all corrections together may take, in megabytes.",
    ),
    Setting(
        "DIGITREC_FREE_DISK_MB",
        "200",
        parsers.integer(ge=0, le=1_000_000),
        "a whole number from 0 to 1000000",
        "Space that stays free on the disk of a SQLite file, in megabytes.",
    ),
    Setting(
        "DIGITREC_DRAWINGS_MB_PER_DAY",
        "20",
        parsers.integer(ge=1, le=10_000),
        "a whole number from 1 to 10000",
        "Drawings of one client that are kept in a day, in megabytes.",
    ),
    Setting(
        "DIGITREC_REVIEW_PASSWORD_HASH",
        "",
        parsers.parse_password_hash,
        "a hash from `flask --app flask_app corrections password`, or empty",
        "Hash of the password for /review; empty to disable that page.",
        secret=True,
    ),
    Setting(
        "DIGITREC_SECRET_KEY",
        "",
        parsers.parse_secret_key,
        f"{MIN_SECRET_LENGTH} or more characters, or empty",
        "Key that signs the cookies of /review; required with a password.",
        secret=True,
    ),
    Setting(
        "DIGITREC_PREDICT_LIMIT",
        "1200/minute",
        parsers.parse_rate,
        "a rate such as 100/minute, or empty",
        "Rate limit of predictions per client; empty for none.",
    ),
    Setting(
        "DIGITREC_BATCH_LIMIT",
        "30/minute",
        parsers.parse_rate,
        "a rate such as 100/minute, or empty",
        "Rate limit of batches per client; empty for none.",
    ),
    Setting(
        "DIGITREC_FEEDBACK_LIMIT",
        "60/minute",
        parsers.parse_rate,
        "a rate such as 100/minute, or empty",
        "Rate limit of corrections per client; empty for none.",
    ),
    Setting(
        "DIGITREC_WORK_LIMIT",
        "20/minute",
        parsers.parse_rate,
        "a rate such as 20/minute, or empty",
        "CPU seconds that one client may use, charged after each answer; empty for any number.",
    ),
    Setting(
        "DIGITREC_LIMITS_URL",
        "memory://",
        parsers.parse_limits_url,
        "memory:// or the address of a Redis",
        "Storage of the rate limits; redis://HOST:6379/0 shares them between replicas.",
    ),
    Setting(
        "DIGITREC_METRICS",
        "off",
        parsers.choice("on", "off"),
        "on or off",
        "Whether to serve /metrics, for Prometheus.",
    ),
    Setting(
        "DIGITREC_HSTS_SECONDS",
        "31536000",
        parsers.integer(ge=0, le=63_072_000),
        "a whole number from 0 to 63072000",
        "Seconds for which a browser that came by HTTPS uses nothing else (the HSTS header); 0 for no such header.",
    ),
    Setting(
        "DIGITREC_SOURCE_URL",
        "",
        parsers.parse_web_address,
        "an address that begins with https:// or http://, or empty",
        "Address of the source code, which the page links to; empty for no link.",
    ),
    Setting(
        "DIGITREC_LOG_FORMAT",
        "text",
        parsers.choice("text", "json"),
        "text or json",
        "Log lines of name=value, or one JSON object per line.",
    ),
    Setting(
        "DIGITREC_LOG_LEVEL",
        "INFO",
        parsers.parse_log_level,
        "one of " + ", ".join(LOG_LEVELS),
        "Lowest level to log; requests are logged at INFO.",
    ),
    Setting(
        "DIGITREC_LOG_FILE",
        "logs/digitrec.log",
        parsers.parse_path,
        "a path, or empty",
        "File to log to, in addition to the console; empty for none.",
    ),
    Setting(
        "DIGITREC_LOG_FILE_MB",
        "5",
        parsers.integer(ge=1, le=1000),
        "a whole number from 1 to 1000",
        "Size at which the log file is rotated, in megabytes.",
    ),
    Setting(
        "DIGITREC_LOG_FILES",
        "5",
        parsers.integer(ge=1, le=100),
        "a whole number from 1 to 100",
        "Number of rotated log files to keep.",
    ),
)
