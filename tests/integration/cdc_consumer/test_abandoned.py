"""A connection that breaks inside a transaction does not lock its documents for a minute."""

import asyncio

import pytest
from pymongo.errors import PyMongoError

from cdc_consumer.mongo import connect, database, transaction
from tests.integration.api.proxy import Proxy

pytestmark = pytest.mark.asyncio


class Cut(Proxy):
    """A proxy that resets every connection, also new ones, until it is mended."""

    cut = False

    def reset(self):
        self.cut = True
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _accept(self, reader, writer):
        if self.cut:
            writer.transport.abort()
            return
        await super()._accept(reader, writer)


async def test_what_a_reset_left_open_is_ended_by_the_next_transaction(mongo_uri, mongo_db):
    host, _, port = mongo_uri.removeprefix("mongodb://").split("/")[0].partition(":")
    async with Cut(host, port).running() as proxy:
        client = connect(f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true")
        try:
            things = database(client, mongo_db)["things"]
            await things.insert_one({"_id": 1, "n": 0})

            async def broken():
                await things.update_one({"_id": 1}, {"$set": {"n": 1}}, session=session)
                proxy.reset()
                await things.update_one({"_id": 1}, {"$set": {"n": 2}}, session=session)

            async with client.start_session() as session:
                with pytest.raises(PyMongoError):
                    await transaction(session, broken)
            proxy.cut = False
            async with client.start_session() as session, asyncio.timeout(10):
                await transaction(session, lambda: things.update_one({"_id": 1}, {"$inc": {"n": 10}}, session=session))
            assert await things.find_one({"_id": 1}) == {"_id": 1, "n": 10}
        finally:
            await client.close()
