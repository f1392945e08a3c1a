import datetime as dt
from decimal import Decimal
from typing import Any

import psycopg
import pymongo
import pytest
import pytest_asyncio
from bson import ObjectId
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from cdc_consumer.readmodel.codec import CODEC
from cdc_consumer.readmodel.indexes import INDEXES
from tests.unit.api.client import serving, settings

MOMENT = dt.datetime(2026, 11, 22, 17, 0, 0, 123000, dt.UTC)


@pytest.fixture
def postgres(postgres_dsn):
    """An autocommit connection of the superuser."""
    with psycopg.connect(postgres_dsn, autocommit=True, connect_timeout=5) as connection:
        yield connection


@pytest.fixture
def api_dsn(stack, postgres_dsn):
    """The fresh database, as the API's own role: what it may not do fails here too."""
    return make_url(stack.env["API_POSTGRES_DSN"]).set(database=str(conninfo_to_dict(postgres_dsn)["dbname"]))


@pytest.fixture
def api_settings(stack, api_dsn, mongo_uri, mongo_db):
    return settings(
        postgres_dsn=api_dsn.render_as_string(hide_password=False),
        mongo_uri=mongo_uri,
        mongo_db=mongo_db,
        redis_url=None,
        mongo_timeout_s=5,
    )


@pytest_asyncio.fixture
async def client(api_settings):
    async with serving(api_settings) as made:
        yield made


class ReadModel:
    """Documents as the worker writes them."""

    def __init__(self, database):
        self.database = database

    def item(self, key, *, removed=False, **changes):
        document: dict[str, Any] = {
            "_id": key,
            "title": "Oak chair",
            "description": None,
            "price": Decimal("12.50"),
            "status": "active",
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "owner": {"id": 1, "name": "Ada", "email": "ada@example.org"},
            "tags": [],
            "schema_version": 1,
        }
        return self._insert("items_read", document | changes, removed=removed)

    def user(self, key, *, removed=False, **changes):
        document = {"_id": key, "name": f"user {key}", "email": f"u{key}@example.org", "created_at": MOMENT, "updated_at": MOMENT}
        return self._insert("users_read", document | {"schema_version": 1} | changes, removed=removed)

    def _insert(self, collection, document, *, removed):
        tombstone = {"_id": document["_id"], "_deleted": True, "_purge_at": dt.datetime(2100, 1, 1, tzinfo=dt.UTC)}
        self.database[collection].insert_one((tombstone if removed else document) | {"_rev": ObjectId()})
        return document


@pytest.fixture
def read_model(mongo_uri, mongo_db):
    """The fresh read database with the indexes that the worker makes."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo_uri, serverSelectionTimeoutMS=5000)
    with client:
        database = client.get_database(mongo_db, codec_options=CODEC)
        for collection, indexes in INDEXES.items():
            database[collection].create_indexes([pymongo.IndexModel(keys, **options) for keys, options in indexes])
        yield ReadModel(database)
