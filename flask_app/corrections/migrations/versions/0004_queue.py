"""What a correction teaches, what a challenger answered, and the order of the review queue."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = ("challenger", "challenger_answer", "rank", "session_rank", "leader")


def upgrade() -> None:
    """Add the columns and the indexes, and place what there is in the queue."""
    op.add_column("corrections", sa.Column("challenger", sa.String(64)))
    op.add_column("corrections", sa.Column("challenger_answer", sa.Integer()))
    op.add_column("corrections", sa.Column("rank", sa.Double(), nullable=False, server_default=sa.text("0")))
    op.add_column("corrections", sa.Column("session_rank", sa.Double(), nullable=False, server_default=sa.text("0")))
    op.add_column("corrections", sa.Column("leader", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_index("ix_corrections_session", "corrections", ["session", "rank", "leader"])
    op.execute(
        "UPDATE corrections SET leader = id, rank = -doubt - CASE WHEN label <> answer THEN confidence ELSE 0 END"
    )
    op.execute("UPDATE corrections SET session_rank = rank")
    op.execute(
        "UPDATE corrections SET"
        " session_rank = (SELECT min(o.rank) FROM corrections o WHERE o.session = corrections.session),"
        " leader = (SELECT min(o.id) FROM corrections o WHERE o.session = corrections.session)"
        " WHERE session IS NOT NULL AND session <> ''"
    )
    op.create_index(
        "ix_corrections_queue",
        "corrections",
        ["state", "kept", "session_rank", "leader", "rank", "id", "label", "answer", "model"],
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_corrections_queue", "corrections")
    op.drop_index("ix_corrections_session", "corrections")
    for name in reversed(COLUMNS):
        op.drop_column("corrections", name)
