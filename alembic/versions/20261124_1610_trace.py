"""A column that carries a traced request's W3C traceparent with the row it wrote, up to the worker's log line.

Nullable and without default: no row is rewritten, and whoever does not know the column leaves it empty. An update that does not bring
a traceparent of its own clears the old one, so that no row is logged under a request that did not write it.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

TRACED = ("users", "items")


def upgrade() -> None:
    for table in TRACED:
        op.add_column(table, sa.Column("traceparent", sa.Text, nullable=True))
    op.execute(
        """
        CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := now();
            IF NEW.traceparent IS NOT DISTINCT FROM OLD.traceparent THEN
                NEW.traceparent := NULL;
            END IF;
            RETURN NEW;
        END $$
        """
    )


def downgrade() -> None:
    op.execute(
        """
        CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := now();
            RETURN NEW;
        END $$
        """
    )
    for table in TRACED:
        op.drop_column(table, "traceparent")
