"""Who may review: whoever knows the password. Signed sessions, and forms that no other site can send."""

import hashlib
import hmac

from flask import Flask, Response, current_app, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.security import check_password_hash

from flask_app.settings.environment import ConfigError

HOURS = 8
"""How long somebody stays logged in: a day's work."""

MAKE_SECRET = 'python -c "import secrets; print(secrets.token_hex(32))"'

csrf = CSRFProtect()


class _Cookies(SecureCookieSessionInterface):
    """Cookies that go by HTTPS alone where they came by HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask) -> None:
    """Set up sessions.

    Raises:
        ConfigError: There is no key to sign them with.
    """
    key = app.config["DIGITREC_SECRET_KEY"]
    if not key:
        raise ConfigError(
            f"DIGITREC_SECRET_KEY is empty, and /review needs it to sign its cookies; make one: {MAKE_SECRET}"
        )
    app.secret_key = key
    app.session_interface = _Cookies()
    app.config.update(
        SESSION_COOKIE_NAME="digitrec_review",
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=HOURS * 3600,
        # The API takes no cookies, so no other site can use somebody's: only the forms here are checked.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
    )
    csrf.init_app(app)


def is_open() -> bool:
    """Whether this visitor has logged in, with the password of today."""
    return hmac.compare_digest(str(session.get("reviewer", "")), _fingerprint())


def enter(password: str) -> bool:
    """Log in; returns whether that was the password. The comparison takes the same time for every wrong one."""
    if not check_password_hash(current_app.config["DIGITREC_REVIEW_PASSWORD_HASH"], password):
        return False
    session.clear()  # with it goes whatever somebody else may have planted
    session["reviewer"] = _fingerprint()
    session.permanent = True
    return True


def leave() -> None:
    """Log out."""
    session.clear()


def to_login() -> Response:
    """Send a visitor to the door."""
    response = redirect(url_for("review.login"), 303)
    assert isinstance(response, Response)
    return response


def _fingerprint() -> str:
    """Of the password's hash: a new password ends all sessions."""
    return hashlib.sha256(current_app.config["DIGITREC_REVIEW_PASSWORD_HASH"].encode()).hexdigest()[:32]
