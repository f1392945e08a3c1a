"""Databases of a test's own, on the servers of the test session."""

import os
import subprocess
import sys
import uuid
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def fresh_database(admin_dsn):
    """An empty database; its DSN. Gone afterwards, whoever is still connected."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(admin_dsn, autocommit=True, connect_timeout=5) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield make_conninfo(admin_dsn, dbname=name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(dsn, env):
    """The project's own tables in a database. `env` holds the passwords of its roles."""
    url = psycopg.conninfo.conninfo_to_dict(dsn)
    target = f"postgresql://{url['user']}:{url.get('password', '')}@{url['host']}:{url['port']}/{url['dbname']}"
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        env=os.environ | env | {"MIGRATE_POSTGRES_DSN": target},
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
