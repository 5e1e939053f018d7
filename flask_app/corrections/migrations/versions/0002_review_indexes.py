"""What /review filters by in an index, and with it whether a drawing was kept."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the indexes."""
    op.add_column("corrections", sa.Column("kept", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE corrections SET kept = (frame IS NOT NULL) WHERE frame IS NOT NULL")
    op.drop_index("ix_corrections_state", "corrections")
    op.create_index("ix_corrections_review", "corrections", ["state", "kept", "id", "label", "predicted", "model"])
    op.create_index("ix_corrections_counts", "corrections", ["state", "label", "predicted", "model", "kept"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_corrections_counts", "corrections")
    op.drop_index("ix_corrections_review", "corrections")
    op.create_index("ix_corrections_state", "corrections", ["state"])
    op.drop_column("corrections", "kept")
