"""Neither a connection that breaks inside a transaction nor a worker that stops there locks its documents for a minute."""

import asyncio

import pytest
from pymongo.asynchronous import client_session
from pymongo.errors import PyMongoError

from cdc_consumer import abandoned
from cdc_consumer.lanes import Lanes
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


@pytest.mark.parametrize("query", [{}, {"$where": "sleep(2000) || true"}], ids=["between-operations", "in-an-operation"])
async def test_a_worker_that_stops_ends_its_transactions(mongo_uri, mongo_db, query):
    client, written = connect(mongo_uri), asyncio.Event()
    deaths: list[BaseException] = []
    things = database(client, mongo_db)["things"]
    await things.insert_one({"_id": 1, "n": 0})

    async def unfinished(session):
        await things.update_one({"_id": 1}, {"$set": {"n": 1}}, session=session)
        written.set()
        await things.find(query, session=session).to_list()
        await asyncio.Event().wait()

    async def job(_):
        async with client.start_session() as session:
            await transaction(session, lambda: unfinished(session))

    lanes = Lanes(job, deaths.append)
    await lanes.submit("a", "job")
    await asyncio.wait_for(written.wait(), 10)
    await asyncio.sleep(0.2)
    async with asyncio.timeout(10):
        await lanes.close()
    await client.close()

    other = connect(mongo_uri)
    try:
        async with asyncio.timeout(10):
            await other.drop_database(mongo_db)  # waits for whoever has written in it and not said whether it holds
    finally:
        await other.close()
    assert deaths == []


async def test_a_worker_that_stops_before_its_commit_is_sent_ends_the_transaction(mongo_uri, mongo_db, monkeypatch):
    client, committing = connect(mongo_uri), asyncio.Event()
    things = database(client, mongo_db)["things"]
    await things.insert_one({"_id": 1, "n": 0})
    original = client_session.AsyncClientSession._finish_transaction_with_retry

    async def finish(self, command):
        if command == "commitTransaction":
            committing.set()
            await asyncio.Event().wait()  # as when no connection is free
        return await original(self, command)

    monkeypatch.setattr(client_session.AsyncClientSession, "_finish_transaction_with_retry", finish)

    async def job(_):
        async with client.start_session() as session:
            await transaction(session, lambda: things.update_one({"_id": 1}, {"$set": {"n": 1}}, session=session))

    lanes = Lanes(job, lambda error: None)
    await lanes.submit("a", "job")
    await asyncio.wait_for(committing.wait(), 10)
    await lanes.close()
    await abandoned.end_all(client)
    await client.close()

    other = connect(mongo_uri)
    try:
        async with asyncio.timeout(10):
            await other.drop_database(mongo_db)
    finally:
        await other.close()


async def test_work_that_fails_leaves_its_session_to_those_who_go_on_with_it(mongo_uri, mongo_db):
    async def bad():
        await things.update_one({"_id": 1}, {"$set": {"n": 1}}, session=mine)
        raise ValueError("a row that no document can hold")

    client = connect(mongo_uri)
    try:
        things = database(client, mongo_db)["things"]
        await things.insert_many([{"_id": 1, "n": 0}, {"_id": 2, "n": 0}])
        async with client.start_session() as mine, client.start_session() as others:
            with pytest.raises(ValueError, match="no document"):
                await transaction(mine, bad)
            async with await mine.start_transaction():
                await things.update_one({"_id": 1}, {"$set": {"n": 2}}, session=mine)
                await transaction(others, lambda: things.update_one({"_id": 2}, {"$set": {"n": 2}}, session=others))
        assert await things.distinct("n") == [2]
    finally:
        await client.close()
