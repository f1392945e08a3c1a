import pytest

from tests.integration.databases import fresh_database, migrate


@pytest.fixture(scope="module")
def migrated(stack):
    """A database with the project's tables, for this module; its DSN."""
    with fresh_database(stack.env["MIGRATE_POSTGRES_DSN"]) as dsn:
        migrate(dsn, stack.env)
        yield dsn
