"""`flask --app flask_app corrections ...`: export what was accepted, count, forget."""

import datetime
import re
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from werkzeug.security import generate_password_hash

from digitrec.training_rows import NOT_A_DIGIT
from flask_app.corrections.database import DatabaseUnavailableError
from flask_app.corrections.export import write_csv
from flask_app.corrections.models import STATES
from flask_app.corrections.store import ACCEPTED, CorrectionStore, Wanted

commands = AppGroup("corrections", help="What people say a drawing really was.")

SHORTEST = 8
"""Characters of a password for /review."""

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Age(click.ParamType[datetime.timedelta]):
    """A length of time as people write it: 12h, 30d, 8w."""

    name = "age"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime.timedelta:
        """Read it."""
        if isinstance(value, datetime.timedelta):
            return value
        match = re.fullmatch(r"(\d{1,5})([hdw])", str(value).strip())
        if match is None:
            self.fail(f"{value!r} is no age; write 12h, 30d or 8w", param, ctx)
        return datetime.timedelta(**{UNITS[match[2]]: int(match[1])})


@commands.command("export")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def export(out: Path) -> None:
    """Write accepted corrections to OUT, a CSV file that the trainer reads with --csv.

    What is no digit goes to a file beside it, for --negatives.
    """
    try:
        digits, others, beside = write_csv(_store().each(Wanted(state=ACCEPTED, kept=True)), out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error
    except DatabaseUnavailableError as error:
        raise _unavailable(error) from error
    click.echo(f"{out}: {digits} digits")
    if others:
        click.echo(f"{beside}: {others} drawings of no digit")


@commands.command("stats")
def stats() -> None:
    """Count corrections."""
    try:
        counts = _store().counts()
    except DatabaseUnavailableError as error:
        raise _unavailable(error) from error
    for title, rows in counts.items():
        click.echo(title)
        for name, count in rows.items():
            shown = "no digit" if title == "label" and name == str(NOT_A_DIGIT) else name[:12]
            click.echo(f"  {shown:12} {count:7,}")


@commands.command("purge")
@click.option("--older-than", type=Age(), required=True, help="Age from which on they are forgotten: 12h, 30d, 8w.")
@click.option(
    "--state", type=click.Choice(STATES), multiple=True, help="Only those; may be repeated. Default: all of them."
)
def purge(older_than: datetime.timedelta, state: tuple[str, ...]) -> None:
    """Forget old corrections, drawings and all."""
    before = datetime.datetime.now(datetime.UTC) - older_than
    try:
        gone = _store().purge(before, states=state or STATES)
    except DatabaseUnavailableError as error:
        raise _unavailable(error) from error
    click.echo(f"{gone} corrections from before {before:%Y-%m-%d %H:%M} UTC are gone")


@commands.command("password")
@click.option("--password", help="Asked for twice, unseen, unless given here.")
def password(password: str | None) -> None:
    """Make the hash of a password for /review."""
    if password is None:
        # Not on stdout: what stands there may go to a file.
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    if len(password) < SHORTEST:
        raise click.ClickException(f"that has {len(password)} characters; take {SHORTEST} or more")
    # In quotes: a shell would take $ for the beginning of a name.
    click.echo(f"DIGITREC_REVIEW_PASSWORD_HASH='{generate_password_hash(password)}'")


def _store() -> CorrectionStore:
    store: CorrectionStore | None = current_app.extensions["digitrec_corrections"]
    if store is None:
        raise click.ClickException("no corrections are kept: DIGITREC_DATABASE_URL is empty")
    return store


def _unavailable(error: DatabaseUnavailableError) -> click.ClickException:
    return click.ClickException(f"the database cannot be used: {error}; see DIGITREC_DATABASE_URL")
