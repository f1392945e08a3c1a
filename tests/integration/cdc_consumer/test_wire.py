"""Commands on a connection that stays checked out, on a real MongoDB."""

import contextlib
import time
from typing import Any

import pytest
from bson.errors import BSONError
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.server_selectors import writable_server_selector

from cdc_consumer.drafts import wire as wires
from cdc_consumer.drafts.wire import Wire

SECONDS = 5.0
SLOW = {"count": "wired", "query": {"$where": "sleep(500) || true"}}


def update(number):
    """A command that writes one document."""
    statement = {"q": {"_id": number}, "u": {"$set": {"seen": True}}, "upsert": True}
    return {"update": "wired", "updates": [statement], "writeConcern": {"w": "majority"}}


def nothing_held(wire):
    """Whether the driver has the connection back."""
    server = wire._client._select_server(writable_server_selector, None, "update")
    return server.pool.active_sockets == 0 and wire._connection is None


@pytest.fixture
def wire(mongo_uri, mongo_db):
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_uri)
    with client, contextlib.closing(Wire(client, mongo_db)) as made:
        yield made


def test_commands_after_each_other_are_answered_on_one_connection(wire):
    replies = [wire.command(update(number), SECONDS) for number in range(3)]
    assert [reply["upserted"][0]["_id"] for reply in replies] == [0, 1, 2]
    held = wire._connection
    assert wire.command(update(1), SECONDS)["nModified"] == 0
    assert wire._connection is held
    assert wire._client[wire._name]["wired"].count_documents({"seen": True}) == 3


def test_a_reply_can_be_looked_for_while_it_is_on_its_way(wire):
    wire.command(update(1), SECONDS)
    wire.send(dict(SLOW), SECONDS)
    assert not wire.ready()
    end = time.monotonic() + SECONDS
    while not wire.ready() and time.monotonic() < end:
        time.sleep(0.01)
    assert 0.3 < SECONDS - (end - time.monotonic()) < SECONDS
    assert wire.receive()["n"] == 1


def test_a_reply_that_is_too_late_is_ready_and_raises(wire, monkeypatch):
    wire.command(update(1), SECONDS)
    monkeypatch.setattr(wires, "int", lambda _: 5000, raising=False)  # what the server is told
    wire.send(dict(SLOW), 0.1)
    time.sleep(0.15)
    assert wire.ready()
    with pytest.raises(TimeoutError):
        wire.receive()
    assert nothing_held(wire)


def test_a_reply_that_is_not_ok_is_raised_and_the_next_command_is_answered(wire):
    with pytest.raises(OperationFailure, match="unknown top level operator"):
        wire.command({"find": "wired", "filter": {"$no": 1}}, SECONDS)
    assert nothing_held(wire)
    assert wire.command(update(1), SECONDS)["n"] == 1


def test_a_late_reply_is_not_taken_for_that_of_the_next_command(wire, monkeypatch):
    wire.command(update(1), SECONDS)
    monkeypatch.setattr(wires, "int", lambda _: 5000, raising=False)  # what the server is told
    with pytest.raises(TimeoutError):
        wire.command(dict(SLOW), 0.1)
    assert nothing_held(wire)
    assert wire.command({"count": "wired"}, SECONDS)["n"] == 1


def test_when_the_server_has_closed_the_connection_one_command_finds_out(wire):
    wire.command(update(1), SECONDS)
    wire._connection.conn.get_conn.shutdown(2)
    with pytest.raises((OSError, PyMongoError)):
        wire.command(update(2), SECONDS)
    assert nothing_held(wire)
    assert wire.command(update(3), SECONDS)["n"] == 1


def test_the_server_is_told_how_long_it_may_take(wire, monkeypatch):
    wire.command(update(1), SECONDS)
    monkeypatch.setattr(type(wire._connection), "set_conn_timeout", lambda *_: None)  # the client waits
    with pytest.raises(OperationFailure, match="exceeded time limit"):
        wire.command(dict(SLOW), 0.1)


def test_what_cannot_be_encoded_leaves_no_connection_behind(wire):
    wire.command(update(1), SECONDS)
    with pytest.raises(BSONError, match="cannot encode"):
        wire.command({"count": "wired", "query": {"_id": object()}}, SECONDS)
    assert nothing_held(wire)
