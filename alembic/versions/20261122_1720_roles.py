"""The roles of the API and of the connector: no superuser, and no table they do not need.

Roles belong to the cluster, not to the database: another database may have made them already and may still need
them afterwards, so they are created if absent and dropped only when nothing uses them any more.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from psycopg import Connection, sql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

CAPTURED = "users, items, tags, item_tags"
ROLES = {"cdc_api": ("LOGIN", "api_password"), "cdc_connector": ("LOGIN REPLICATION", "connector_password")}


def driver() -> Connection[object]:
    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, Connection)  # noqa: S101  # env.py makes no other kind
    return connection


def lock_roles() -> None:
    # Advisory locks belong to one database; two databases migrated at once would collide in the shared catalog.
    op.execute("LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE")


def set_password(role: str, setting: str) -> None:
    """Sends the SCRAM verifier, made on this side: the password itself is in no statement and so in no log."""
    config = op.get_context().config
    password = getattr(config.attributes["settings"], setting) if config else None
    if password is None:
        return
    connection = driver()
    verifier = connection.pgconn.encrypt_password(password.get_secret_value().encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier.decode()))
    for quiet in ("log_statement = 'none'", "log_min_duration_statement = -1", "log_min_error_statement = 'panic'"):
        connection.execute(f"SET LOCAL {quiet}")
    connection.execute(statement)


def upgrade() -> None:
    lock_roles()
    for role, (rights, setting) in ROLES.items():
        exists = op.get_bind().scalar(sa.text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role})
        op.execute(f"{'ALTER' if exists else 'CREATE'} ROLE {role} {rights} NOSUPERUSER NOCREATEDB NOCREATEROLE")
        set_password(role, setting)
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {CAPTURED} TO cdc_api")
    op.execute(f"GRANT SELECT ON {CAPTURED} TO cdc_connector")
    op.execute("GRANT SELECT, INSERT, UPDATE ON cdc_heartbeat TO cdc_connector")


def needed(role: str) -> bool:
    """Whether another database grants the role something, or a session uses it.

    A session keeps the id of its role: the API's pool and the connector would be without rights for ever after
    the role was dropped and made again beneath them.
    """
    question = sa.text(
        "SELECT EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = to_regrole(:role))"
        " OR EXISTS (SELECT FROM pg_stat_activity WHERE usesysid = to_regrole(:role))"
    )
    return bool(op.get_bind().scalar(question, {"role": role}))


def downgrade() -> None:
    lock_roles()
    for role in ROLES:
        op.execute(f"DROP OWNED BY {role}")
        if not needed(role):
            op.execute(f"DROP ROLE {role}")
