"""The prober's role: it watches the server (pg_monitor), writes the canary, and reads the rows that it compares with documents.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

from api.models.roles import drop_role, lock_roles, make_role

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

COMPARED = "users, items, tags, item_tags"
ROLE = "cdc_prober"


def upgrade() -> None:
    lock_roles()
    make_role(ROLE, "LOGIN", "prober_password")
    op.execute(f"GRANT pg_monitor TO {ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON cdc_canary TO {ROLE}")
    op.execute(f"GRANT SELECT ON {COMPARED} TO {ROLE}")


def downgrade() -> None:
    lock_roles()
    drop_role(ROLE)
