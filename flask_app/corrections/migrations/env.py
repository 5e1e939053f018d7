"""How Alembic reaches the database: by the connection it is handed, or for a developer by the variable.

`alembic -c flask_app/corrections/migrations/alembic.ini revision --autogenerate -m "..."` writes a new step.
"""

import os

from alembic import context
from sqlalchemy import Connection, create_engine

from flask_app.corrections.models import Base


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


handed = context.config.attributes.get("connection")
if handed is not None:
    _run(handed)
else:
    with create_engine(os.environ["DIGITREC_DATABASE_URL"]).connect() as own:
        _run(own)
