from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from pymongo import MongoClient

from cdc_consumer.readmodel.codec import CODEC
from cdc_consumer.readmodel.documents import FOR_CLIENTS
from monitor.progress import Silent
from monitor.verify import VerifySettings
from scripts.seed_rows import Rows
from scripts.seed_write import Plan, seed
from tests.databases import clone
from tests.integration.monitor.verify import by_hand, fill
from tests.schemas import shop


@pytest.fixture(scope="module", params=["market", "shop"])
def schema(request, stack, _migrated_template):
    """Rows of one of the two schemas in a database for this module."""
    market = request.param == "market"
    session = "-c timezone=UTC -c intervalstyle=iso_8601"
    with (
        clone(stack, _migrated_template if market else "template1") as dsn,
        psycopg.connect(dsn, autocommit=True, options=session) as connection,
    ):
        if market:
            seed(connection, Plan(users=30, items=200, tags=12, links=range(4), batch=1000), Rows(3), Silent())
            yield SimpleNamespace(dsn=dsn, connection=connection, documents=FOR_CLIENTS, by_hand=by_hand.MARKET, build=fill.market)
        else:
            connection.execute(shop.DDL + shop.DATA)
            yield SimpleNamespace(dsn=dsn, connection=connection, documents=shop.DOCUMENTS, by_hand=by_hand.SHOP, build=fill.shop)


@pytest.fixture
def world(schema, mongo_uri, mongo_db):
    """The schema's rows, and in MongoDB the documents they must lead to."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_uri, serverSelectionTimeoutMS=5000)
    with client:
        db = client.get_database(mongo_db, codec_options=CODEC)
        fill.fill(schema.connection, db, schema.build)
        settings = VerifySettings(postgres_dsn=schema.dsn, mongo_uri=mongo_uri, mongo_db=mongo_db)
        yield SimpleNamespace(db=db, settings=settings, **vars(schema))
