import uuid
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from api.models.migrate import MigrateSettings

ROOT = Path(__file__).parents[3]


@pytest.fixture
def empty_dsn(stack):
    """The superuser's URL of a new, empty database."""
    name = f"m_{uuid.uuid4().hex[:12]}"
    admin = make_url(stack.env["MIGRATE_POSTGRES_DSN"]).set(drivername="postgresql")
    with psycopg.connect(admin.set(database="postgres").render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield admin.set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def config_for(stack):
    """Alembic's configuration for a database. The passwords are the stack's own, since roles belong to the cluster."""

    def make(dsn):
        config = Config(ROOT / "alembic.ini")
        config.attributes["configure_logging"] = False
        config.attributes["settings"] = MigrateSettings.model_validate(
            {
                "postgres_dsn": dsn,
                "api_password": stack.env["MIGRATE_API_PASSWORD"],
                "connector_password": stack.env["MIGRATE_CONNECTOR_PASSWORD"],
                "prober_password": stack.env["MIGRATE_PROBER_PASSWORD"],
            }
        )
        return config

    return make


@pytest.fixture
def as_role(stack):
    """A connection to a database as one of the pipeline's roles."""
    passwords = {f"cdc_{role}": stack.env[f"MIGRATE_{role.upper()}_PASSWORD"] for role in ("api", "connector", "prober")}

    def connect(dsn, role, **more):
        return psycopg.connect(**{**conninfo_to_dict(dsn), "user": role, "password": passwords[role], **more}, autocommit=True)

    return connect
