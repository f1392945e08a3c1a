"""The worker's steps without Kafka, for tests of the project's own documents."""

import pytest
import pytest_asyncio

from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.integration.cdc_consumer.applying import Drawer, applying
from tests.integration.cdc_consumer.early_worker import Worker
from tests.worlds.market import KEYS, tag, user
from tests.worlds.world import World


@pytest.fixture
def drawer():
    """Where dead letters go."""
    return Drawer()


@pytest_asyncio.fixture
async def app(mongo_uri, mongo_db, drawer):
    """(what applies records, its database)."""
    async with applying(mongo_uri, mongo_db, DOCUMENTS, drawer) as pair:
        yield pair


@pytest_asyncio.fixture
async def worker(mongo_uri, mongo_db):
    """A worker that shows drafts; one user and one tag are there."""
    async with applying(mongo_uri, mongo_db, DOCUMENTS) as (parking, db):
        made = Worker(World(KEYS), db, mongo_uri)
        made.parking = parking
        for row in (("users", user(1, "ann")), ("tags", tag(1, "green"))):
            await made.apply(made.chunk(row))
        yield made
        for publisher in made.made:
            publisher.close()
