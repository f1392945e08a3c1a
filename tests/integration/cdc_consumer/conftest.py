"""The worker's steps without Kafka, for tests of the project's own documents."""

import pytest
import pytest_asyncio

from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.integration.cdc_consumer.applying import Drawer, applying


@pytest.fixture
def drawer():
    """Where dead letters go."""
    return Drawer()


@pytest_asyncio.fixture
async def app(mongo_uri, mongo_db, drawer):
    """(what applies records, its database)."""
    async with applying(mongo_uri, mongo_db, DOCUMENTS, drawer) as pair:
        yield pair
