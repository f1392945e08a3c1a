"""Databases of a test's own: the schema is migrated once a session and cloned for each test that asks."""

import contextlib
import uuid

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo


def _admin(stack, database="postgres"):
    return make_conninfo(stack.env["VERIFY_POSTGRES_DSN"], dbname=database)


def _execute(stack, statement):
    """On a connection of its own: tests restart the server in between."""
    with psycopg.connect(_admin(stack), autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement)


@contextlib.contextmanager
def _created(stack, template):
    """A new database, copied from a template; dropped afterwards, whoever is still connected."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    _execute(stack, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield name
    finally:
        _execute(stack, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def template(stack):
    """The name of a database with the schema at head, that nobody is connected to."""
    with _created(stack, "template1") as name:
        dsn = stack.env["MIGRATE_POSTGRES_DSN"].rpartition("/")[0] + f"/{name}"
        stack.exec("python", "-m", "alembic", "upgrade", "head", env={"MIGRATE_POSTGRES_DSN": dsn})
        yield name


@contextlib.contextmanager
def clone(stack, name):
    """The superuser's DSN of a copy."""
    with _created(stack, name) as copy:
        yield _admin(stack, copy)
