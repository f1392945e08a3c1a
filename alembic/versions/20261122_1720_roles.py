"""The roles of the API and of the connector: no superuser, and no table they do not need.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

from api.models.roles import drop_role, lock_roles, make_role

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

CAPTURED = "users, items, tags, item_tags"
ROLES = {"cdc_api": ("LOGIN", "api_password"), "cdc_connector": ("LOGIN REPLICATION", "connector_password")}


def upgrade() -> None:
    lock_roles()
    for role, (rights, setting) in ROLES.items():
        make_role(role, rights, setting)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {CAPTURED} TO cdc_api")
    op.execute(f"GRANT SELECT ON {CAPTURED} TO cdc_connector")
    op.execute("GRANT SELECT, INSERT, UPDATE ON cdc_heartbeat TO cdc_connector")


def downgrade() -> None:
    lock_roles()
    for role in ROLES:
        drop_role(role)
