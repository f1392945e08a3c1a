import pytest

from tests.databases import clone


@pytest.fixture(scope="module")
def migrated(stack, _migrated_template):
    """A database with the project's tables, for this module; its DSN."""
    with clone(stack, _migrated_template) as dsn:
        yield dsn
