"""What change capture needs: whole old rows, a heartbeat and a publication.

REPLICA IDENTITY FULL makes the before image complete, so that a child that moved refreshes its old parent too,
and an unchanged TOASTed value is never missing from it.

Downgrading beneath a running connector fails its task, for it finds neither heartbeat nor publication: delete it first and
register it again afterwards, as `make reset-all` does. Its slot outlives the downgrade.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

CAPTURED = ("users", "items", "tags", "item_tags")


def upgrade() -> None:
    op.create_table(
        "cdc_heartbeat",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("beat_at", TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="cdc_heartbeat_pkey"),
    )
    for table in (*CAPTURED, "cdc_heartbeat"):
        op.execute(f"ALTER TABLE {table} REPLICA IDENTITY FULL")
    op.execute(f"CREATE PUBLICATION cdc_pub FOR TABLE {', '.join(CAPTURED)}, cdc_heartbeat")


def downgrade() -> None:
    op.execute("DROP PUBLICATION cdc_pub")
    for table in CAPTURED:
        op.execute(f"ALTER TABLE {table} REPLICA IDENTITY DEFAULT")
    op.drop_table("cdc_heartbeat")
