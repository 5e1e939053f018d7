"""The table of corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("predicted", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("doubt", sa.Double(), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=True),
        sa.Column("drawing", sa.LargeBinary(), nullable=True),
        sa.Column("session", sa.String(64), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reviewed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_label", sa.Integer(), nullable=True),
        sa.CheckConstraint("label BETWEEN 0 AND 10", name="ck_corrections_label"),
        sa.CheckConstraint("predicted BETWEEN 0 AND 9", name="ck_corrections_predicted"),
        sa.CheckConstraint("reviewed_label BETWEEN 0 AND 10", name="ck_corrections_reviewed_label"),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'rejected')", name="ck_corrections_state"),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
        sa.UniqueConstraint("key", name="uq_corrections_key"),
    )
    op.create_index("ix_corrections_created", "corrections", ["created"])
    op.create_index("ix_corrections_state", "corrections", ["state"])


def downgrade() -> None:
    """Drop the table, with all corrections."""
    op.drop_table("corrections")
