"""Login roles as migrations make them. Roles belong to the cluster, not to the database: another database may need them too.

Used by alembic/versions/ alone; what these functions do is part of the schema's history, so change them only for roles of the future.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from psycopg import Connection, sql


def lock_roles() -> None:
    """Waits until no other migration changes roles."""
    # Advisory locks belong to one database; two databases migrated at once would collide in the shared catalog.
    op.execute("LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE")


def make_role(role: str, rights: str, setting: str) -> None:
    """Creates the role, or gives one that is there these rights; its password is the migration setting of that name, if given."""
    exists = op.get_bind().scalar(sa.text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role})
    op.execute(f"{'ALTER' if exists else 'CREATE'} ROLE {role} {rights} NOSUPERUSER NOCREATEDB NOCREATEROLE")
    _set_password(role, setting)
    op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")


def _set_password(role: str, setting: str) -> None:
    """Sends the SCRAM verifier, made on this side: the password itself is in no statement and so in no log."""
    config = op.get_context().config
    password = getattr(config.attributes["settings"], setting) if config else None
    if password is None:
        return
    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, Connection)  # noqa: S101  # env.py makes no other kind
    verifier = connection.pgconn.encrypt_password(password.get_secret_value().encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier.decode()))
    for quiet in ("log_statement = 'none'", "log_min_duration_statement = -1", "log_min_error_statement = 'panic'"):
        connection.execute(f"SET LOCAL {quiet}")
    connection.execute(statement)


def drop_role(role: str) -> None:
    """Takes away what the role has in this database, and the role itself unless another database or a session needs it."""
    op.execute(f"DROP OWNED BY {role}")
    if not _needed(role):
        op.execute(f"DROP ROLE {role}")


def _needed(role: str) -> bool:
    """Whether another database grants the role something, or a session uses it.

    A session keeps the id of its role: the API's pool, the connector and the prober would be without rights for ever after
    the role was dropped and made again beneath them.
    """
    question = sa.text(
        "SELECT EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = to_regrole(:role))"
        " OR EXISTS (SELECT FROM pg_stat_activity WHERE usesysid = to_regrole(:role))"
    )
    return bool(op.get_bind().scalar(question, {"role": role}))
