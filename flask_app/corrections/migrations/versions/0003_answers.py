"""What the model answered, doubt counted in, so that it can be filtered and counted by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and put it into the indexes."""
    op.add_column("corrections", sa.Column("answer", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE corrections SET answer = CASE WHEN doubt >= 0.5 THEN 10 ELSE predicted END")
    _make_indexes("answer")


def downgrade() -> None:
    """Take it away."""
    _make_indexes("predicted")
    op.drop_column("corrections", "answer")


def _make_indexes(said: str) -> None:
    op.drop_index("ix_corrections_counts", "corrections")
    op.drop_index("ix_corrections_review", "corrections")
    op.create_index("ix_corrections_review", "corrections", ["state", "kept", "id", "label", said, "model"])
    op.create_index("ix_corrections_counts", "corrections", ["state", "label", said, "model", "kept"])
