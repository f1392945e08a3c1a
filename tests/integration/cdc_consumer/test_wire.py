"""Commands on connections that stay checked out, on a real MongoDB."""

import asyncio

import pytest
import pytest_asyncio
from pymongo.errors import OperationFailure, PyMongoError

from cdc_consumer.drafts.wire import Wire
from cdc_consumer.mongo import connect, database

pytestmark = pytest.mark.asyncio
SECONDS = 5.0


def update(number, **more):
    """A command that writes one document."""
    statement = {"q": {"_id": number}, "u": {"$set": {"seen": True}}, "upsert": True}
    return {"update": "wired", "updates": [statement], "writeConcern": {"w": "majority"}, **more}


@pytest_asyncio.fixture
async def wire(mongo_uri, mongo_db):
    client = connect(mongo_uri)
    made = Wire(database(client, mongo_db))
    yield made
    await made.close()
    await client.close()


async def test_commands_side_by_side_and_after_each_other_are_answered_each_by_its_own_reply(wire):
    replies = await asyncio.gather(*(wire.command(update(number), SECONDS) for number in range(5)))
    assert sorted(reply["upserted"][0]["_id"] for reply in replies) == list(range(5))
    held = list(wire._free)
    assert len(held) == 5
    assert (await wire.command(update(1), SECONDS))["nModified"] == 0
    assert wire._free == held
    assert await wire._client[wire._name]["wired"].count_documents({"seen": True}) == 5


async def test_a_reply_that_is_not_ok_is_raised_and_the_next_command_is_answered(wire):
    with pytest.raises(OperationFailure, match="unknown top level operator"):
        await wire.command({"find": "wired", "filter": {"$no": 1}}, SECONDS)
    assert wire._free == []
    assert (await wire.command(update(1), SECONDS))["n"] == 1


async def test_a_late_reply_is_not_taken_for_that_of_the_next_command(wire):
    await wire.command(update(1), SECONDS)
    slow = {"count": "wired", "query": {"$where": "sleep(500) || true"}}
    with pytest.raises(TimeoutError):
        await wire.command(slow, 0.1)
    assert (await wire.command({"count": "wired"}, SECONDS))["n"] == 1


async def test_a_connection_that_the_server_closed_costs_one_command(wire):
    await wire.command(update(1), SECONDS)
    wire._free[0]._connection.conn.get_conn.transport.abort()
    with pytest.raises((OSError, PyMongoError)):
        await wire.command(update(2), SECONDS)
    assert (await wire.command(update(3), SECONDS))["n"] == 1


async def test_a_cancelled_command_leaves_no_connection_behind(wire):
    await wire.command(update(1), SECONDS)
    task = asyncio.create_task(wire.command({"count": "wired", "query": {"$where": "sleep(500) || true"}}, SECONDS))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wire._free == []
    assert (await wire.command(update(2), SECONDS))["n"] == 1
