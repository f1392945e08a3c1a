"""Two tables of the pipeline's own: signals to the connector, and the canary.

cdc_signal asks Debezium for incremental snapshots and takes the marks it sets around each chunk (documentation, "Sending signals to a
Debezium connector"). cdc_canary is written by the prober once a second and followed to MongoDB.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

OWN = ("cdc_signal", "cdc_canary")


def upgrade() -> None:
    op.create_table(
        "cdc_signal",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="cdc_signal_pkey"),
    )
    op.create_table(
        "cdc_canary",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("emitted_at", TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("id", name="cdc_canary_pkey"),
    )
    for table in OWN:
        op.execute(f"ALTER TABLE {table} REPLICA IDENTITY FULL")
    op.execute(f"ALTER PUBLICATION cdc_pub ADD TABLE {', '.join(OWN)}")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON cdc_signal TO cdc_connector")
    op.execute("GRANT SELECT ON cdc_canary TO cdc_connector")


def downgrade() -> None:
    op.execute(f"ALTER PUBLICATION cdc_pub DROP TABLE {', '.join(OWN)}")
    for table in OWN:
        op.drop_table(table)
