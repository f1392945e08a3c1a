import uuid

import pytest

from stack.probes import mongo_client
from tests.databases import clone, template
from tests.session_stack import SessionStack, ended, started


@pytest.fixture(scope="session")
def stack():
    """A real stack of this session's own, beside any other: started by the first test that asks, stopped whatever happens."""
    with started() as running:
        yield running


@pytest.fixture
def own_stack(tmp_path_factory):
    """A stack's own place and ports, nothing started; whatever the test starts there is stopped and deleted."""
    with ended(SessionStack.somewhere()) as place:
        yield place


@pytest.fixture(scope="session")
def _migrated_template(stack):
    with template(stack) as name:
        yield name


@pytest.fixture
def postgres_dsn(stack, _migrated_template):
    """The superuser's DSN of a fresh database with the schema at head."""
    with clone(stack, _migrated_template) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def mongo_uri(stack):
    """The stack's MongoDB."""
    return stack.env["CDC_MONGO_URI"]


@pytest.fixture
def mongo_db(mongo_uri):
    """The name of a fresh database, dropped afterwards."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    yield name
    with mongo_client(mongo_uri) as client:
        client.drop_database(name)
