"""Runs the migrations: one at a time, in a transaction each, never waiting long for a lock.

Tests pass `config.attributes`: "settings" (a MigrateSettings; everybody else sets MIGRATE_*) and "advisory_wait".
"""

from __future__ import annotations

from logging.config import fileConfig

import sqlalchemy as sa
from alembic import context
from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from api.models import Base
from api.models.migrate import MigrateSettings

# A second migration waits for the first. Long, because the first may be building an index.
ADVISORY_WAIT = "60s"
# DDL queues behind running transactions and everything else queues behind the DDL: give up before clients notice.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "120s"
CONNECT_TIMEOUT_S = 10


def settings() -> MigrateSettings:
    """The settings of this run. Raises CommandError that names what is missing."""
    given = context.config.attributes.get("settings")
    if given is not None:
        return MigrateSettings.model_validate(given)
    try:
        made = MigrateSettings()
    except ValidationError as error:
        fields = ", ".join(f"MIGRATE_{str(e['loc'][0]).upper()} ({e['msg']})" for e in error.errors())
        raise CommandError(f"settings: {fields}. The local stack writes them: python -m stack exec -- alembic upgrade head") from None
    context.config.attributes["settings"] = made  # the role migration reads the passwords from here
    return made


def run(connection: sa.Connection) -> None:
    """Every requested migration on one connection, under one advisory lock."""
    wait = context.config.attributes.get("advisory_wait", ADVISORY_WAIT)
    connection.execute(sa.text(f"SET lock_timeout = '{wait}'"))
    try:
        connection.execute(sa.text("SELECT pg_advisory_lock(hashtext('alembic'))"))
    except OperationalError as error:
        raise CommandError(f"another migration of this database still runs after {wait}: try again when it has ended") from error
    connection.execute(sa.text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(sa.text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Connect and run. Raises CommandError when PostgreSQL is out of reach."""
    if context.is_offline_mode():
        raise CommandError("--sql is not supported: role passwords are hashed with the help of a connection")
    if context.config.config_file_name and context.config.attributes.get("configure_logging", True):
        fileConfig(context.config.config_file_name, disable_existing_loggers=False)
    engine = sa.create_engine(
        str(settings().postgres_dsn),
        poolclass=sa.NullPool,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "alembic"},
    )
    try:
        connection = engine.connect()
    except OperationalError as error:
        place = engine.url.render_as_string(hide_password=True)
        raise CommandError(f"cannot reach {place}: {str(error.orig).strip()}. Is PostgreSQL running? (make status, make up)") from None
    with connection:
        run(connection)
    engine.dispose()


main()
