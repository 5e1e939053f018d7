"""`flask --app flask_app corrections ...`: export, count and delete corrections."""

import datetime
import re
from collections.abc import Iterable
from pathlib import Path

import click
from flask.cli import AppGroup
from werkzeug.security import generate_password_hash

from digitrec.errors import DatasetError
from digitrec.files import check_output
from digitrec.training_rows import NOT_A_DIGIT, held_out_path, is_training_csv, negatives_path
from flask_app.corrections.criteria import CorrectionFilter
from flask_app.corrections.database import DatabaseUnavailableError
from flask_app.corrections.export import is_kept_out, write_csv
from flask_app.corrections.models import ACCEPTED, STATES
from flask_app.corrections.purge import purge as purge_corrections
from flask_app.corrections.store import CorrectionStore
from flask_app.extensions import get_corrections

commands = AppGroup("corrections", help="Export, count and delete corrections.")

MIN_PASSWORD_LENGTH = 8
"""Characters of a password for /review."""

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Age(click.ParamType[datetime.timedelta]):
    """A duration such as 12h, 30d or 8w."""

    name = "age"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime.timedelta:
        """Parse the duration."""
        if isinstance(value, datetime.timedelta):
            return value
        match = re.fullmatch(r"(\d{1,5})([hdw])", str(value).strip())
        if match is None:
            self.fail(f"{value!r} is not an age; write 12h, 30d or 8w", param, ctx)
        return datetime.timedelta(**{UNITS[match[2]]: int(match[1])})


@commands.command("export")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--hold-out", is_flag=True, help="Write one session in five to a file beside it, to evaluate on.")
def export(out: Path, hold_out: bool) -> None:
    """Write accepted corrections to OUT, a CSV file for the trainer's --csv.

    Non-digits go to a file beside it, for --negatives.
    """
    parts = {out: False, held_out_path(out): True} if hold_out else {out: None}
    _check_outputs(parts)
    for path, is_wanted in parts.items():
        accepted = _get_store().iterate(CorrectionFilter(state=ACCEPTED, kept=True))
        chosen = (one for one in accepted if is_wanted is None or is_kept_out(one) is is_wanted)
        try:
            digits, negatives, negatives_path = write_csv(chosen, path)
        except OSError as error:
            raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
        except DatabaseUnavailableError as error:
            raise _unavailable(error) from error
        click.echo(f"{path}: {digits} digits")
        if negatives:
            click.echo(f"{negatives_path}: {negatives} non-digits")


def _check_outputs(paths: Iterable[Path]) -> None:
    """Refuse what would be written over files of something else, such as the database."""
    try:
        for path in paths:
            check_output(path, [], is_training_csv)
            check_output(negatives_path(path), [], is_training_csv)
    except DatasetError as error:
        raise click.ClickException(str(error)) from error


@commands.command("stats")
def stats() -> None:
    """Count corrections."""
    try:
        counts = _get_store().counts()
    except DatabaseUnavailableError as error:
        raise _unavailable(error) from error
    for title, rows in counts.items():
        click.echo(title)
        for name, count in rows.items():
            shown = "non-digit" if title == "label" and name == str(NOT_A_DIGIT) else name[:12]
            click.echo(f"  {shown:12} {count:7,}")


@commands.command("purge")
@click.option("--older-than", type=Age(), required=True, help="Delete those that are older: 12h, 30d, 8w.")
@click.option(
    "--state", type=click.Choice(STATES), multiple=True, help="Delete only these; may be repeated. Default: all states."
)
def purge(older_than: datetime.timedelta, state: tuple[str, ...]) -> None:
    """Delete old corrections, with their drawings, and give their room back.

    It works on a full disk too; if SQLite needs the server to be stopped for it, it says so.
    """
    before = datetime.datetime.now(datetime.UTC) - older_than
    try:
        deleted = purge_corrections(_get_store().database, before, state or STATES)
    except DatabaseUnavailableError as error:
        raise _unavailable(error) from error
    click.echo(f"deleted {deleted} corrections from before {before:%Y-%m-%d %H:%M} UTC")


@commands.command("password")
@click.option("--password", help="Default: asked for twice, and not shown.")
def password(password: str | None) -> None:
    """Hash a password for /review."""
    if password is None:
        # Not on stdout, which may be redirected to a file.
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    if len(password) < MIN_PASSWORD_LENGTH:
        raise click.ClickException(
            f"the password has {len(password)} characters; choose one of {MIN_PASSWORD_LENGTH} or more"
        )
    # Quoted, because the shell would expand the $ in it.
    click.echo(f"DIGITREC_REVIEW_PASSWORD_HASH='{generate_password_hash(password)}'")


def _get_store() -> CorrectionStore:
    store = get_corrections()
    if store is None:
        raise click.ClickException("this server stores no corrections: DIGITREC_DATABASE_URL is empty")
    return store


def _unavailable(error: DatabaseUnavailableError) -> click.ClickException:
    return click.ClickException(f"the database is not available: {error}; see DIGITREC_DATABASE_URL")
