"""Log in to /review with its password: signed sessions, and forms protected against other sites."""

import hashlib
import hmac

from flask import Flask, Response, current_app, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.security import check_password_hash

from flask_app.settings.environment import ConfigError

HOURS = 8
"""How long a session lasts: a working day."""

MAKE_SECRET = 'python -c "import secrets; print(secrets.token_hex(32))"'

csrf = CSRFProtect()


class _SessionInterface(SecureCookieSessionInterface):
    """Session cookies that are `Secure` if the request came by HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask) -> None:
    """Set up sessions.

    Raises:
        ConfigError: The key that signs them is missing.
    """
    key = app.config["DIGITREC_SECRET_KEY"]
    if not key:
        raise ConfigError(
            f"DIGITREC_SECRET_KEY is empty, and /review needs it to sign its cookies; make one: {MAKE_SECRET}"
        )
    app.secret_key = key
    app.session_interface = _SessionInterface()
    app.config.update(
        SESSION_COOKIE_NAME="digitrec_review",
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=HOURS * 3600,
        # Only the forms of /review are checked: the API takes no cookies, so there is nothing to protect.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # valid as long as the session
    )
    csrf.init_app(app)


def is_logged_in() -> bool:
    """Whether this visitor has logged in with the current password."""
    return hmac.compare_digest(str(session.get("reviewer", "")), _fingerprint())


def log_in(password: str) -> bool:
    """Log in if the password is right, and return whether it is. Every wrong one takes the same time."""
    if not check_password_hash(current_app.config["DIGITREC_REVIEW_PASSWORD_HASH"], password):
        return False
    session.clear()  # discards anything that was planted in it
    session["reviewer"] = _fingerprint()
    session.permanent = True
    return True


def log_out() -> None:
    """Log out."""
    session.clear()


def redirect_to_login() -> Response:
    """Redirect to the login page."""
    response = redirect(url_for("review.login"), 303)
    assert isinstance(response, Response)
    return response


def _fingerprint() -> str:
    """A digest of the password's hash: a new password ends all sessions."""
    return hashlib.sha256(current_app.config["DIGITREC_REVIEW_PASSWORD_HASH"].encode()).hexdigest()[:32]
