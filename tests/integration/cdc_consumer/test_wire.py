"""Commands on connections that stay checked out, on a real MongoDB."""

import asyncio
import contextlib

import pytest
import pytest_asyncio
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.server_selectors import writable_server_selector

from cdc_consumer.drafts.wire import Wire
from cdc_consumer.mongo import connect, database

pytestmark = pytest.mark.asyncio
SECONDS = 5.0


def update(number, **more):
    """A command that writes one document."""
    statement = {"q": {"_id": number}, "u": {"$set": {"seen": True}}, "upsert": True}
    return {"update": "wired", "updates": [statement], "writeConcern": {"w": "majority"}, **more}


async def nothing_held(wire):
    """Whether the driver has all connections back."""
    server = await wire._client._select_server(writable_server_selector, None, "update")
    return server.pool.active_sockets == 0 and wire._free == []


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
    assert await nothing_held(wire)
    assert (await wire.command(update(1), SECONDS))["n"] == 1


async def test_a_late_reply_is_not_taken_for_that_of_the_next_command(wire):
    await wire.command(update(1), SECONDS)
    slow = {"count": "wired", "query": {"$where": "sleep(500) || true"}}
    with pytest.raises(TimeoutError):
        await wire.command(slow, 0.1)
    assert await nothing_held(wire)
    assert (await wire.command({"count": "wired"}, SECONDS))["n"] == 1


async def test_when_the_server_has_closed_all_connections_one_command_finds_out(wire):
    await asyncio.gather(*(wire.command(update(number), SECONDS) for number in range(5)))
    for held in wire._free:
        held._connection.conn.get_conn.transport.abort()
    with pytest.raises((OSError, PyMongoError)):
        await wire.command(update(2), SECONDS)
    assert await nothing_held(wire)
    assert (await wire.command(update(3), SECONDS))["n"] == 1


async def test_the_server_is_told_how_long_it_may_take(wire, monkeypatch):
    await wire._client[wire._name]["wired"].insert_many([{"_id": number} for number in range(100)])
    monkeypatch.setattr(asyncio, "timeout", lambda _: contextlib.AsyncExitStack())  # the client waits
    with pytest.raises(OperationFailure, match="exceeded time limit"):
        await wire.command({"count": "wired", "query": {"$where": "sleep(20) || true"}}, 0.2)


async def test_a_cancelled_command_leaves_no_connection_behind(wire):
    await wire.command(update(1), SECONDS)
    task = asyncio.create_task(wire.command({"count": "wired", "query": {"$where": "sleep(500) || true"}}, SECONDS))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await nothing_held(wire)
    assert (await wire.command(update(2), SECONDS))["n"] == 1
