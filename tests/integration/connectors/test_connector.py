"""The commands against a real Connect, a real Debezium and a real Postgres."""

import json
import time
from typing import Any

import pytest
from confluent_kafka import Consumer

from connectors import cli
from connectors.errors import ConnectRefusedError, SourceMismatchError, SourceUnreachableError
from connectors.register import register
from connectors.settings import ConnectSettings
from connectors.source import PostgresSource
from connectors.wait import Deadline, wait_state


def run(capsys, *words):
    """Exit code and answer of a command."""
    code = cli.main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def read(own, count):
    """The first records of the tags' topic, as (value, headers)."""
    consumer = Consumer(
        {"bootstrap.servers": own.broker, "group.id": own.settings.name, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    consumer.subscribe([own.topic])
    try:
        found: list[tuple[dict[str, Any], dict[str, Any]]] = []
        deadline = time.monotonic() + 30
        while len(found) < count:
            assert time.monotonic() < deadline, found
            found += [
                (json.loads(message.value() or b"null"), dict(message.headers() or []))
                for message in consumer.consume(count, timeout=1)
                if not message.error()
            ]
    finally:
        consumer.close()
    return found


def test_a_life(own, capsys):
    own.sql.execute("INSERT INTO tags (name) VALUES ('before')")
    code, answer = run(capsys, "register", "--epoch", "41")
    assert (code, answer["action"], answer["phase"], answer["epoch"], answer["note"]) == (0, "created", "streaming", 41, None)
    own.sql.execute("INSERT INTO tags (name) VALUES ('after')")
    records = read(own, 2)
    assert sorted((value["op"], value["after"]["name"]) for value, _ in records) == [("c", "after"), ("r", "before")]
    assert [headers for _, headers in records] == [{"cdc-epoch": b"41"}] * 2

    code, answer = run(capsys, "register")
    assert (code, answer["action"], answer["epoch"]) == (0, "unchanged", 41)
    for command, state in (("pause", "PAUSED"), ("resume", "RUNNING"), ("restart", "RUNNING")):
        assert run(capsys, command)[1]["connector"] == state
    code, answer = run(capsys, "status")
    assert (code, answer["connector"], answer["tasks"], answer["epoch"]) == (0, "RUNNING", ["RUNNING"], 41)
    code, answer = run(capsys, "register", "--epoch", "42")
    assert (code, answer["action"], answer["phase"], answer["epoch"]) == (0, "updated", "streaming", 42)

    code, answer = run(capsys, "delete", "--slot", "--offsets")
    assert (code, answer["done"]) == (0, ["connector stopped", "offsets deleted", "connector deleted", "slot dropped"])
    assert own.source.slot() is None
    assert own.connect.config() is None
    assert run(capsys, "delete", "--slot")[1]["done"] == []
    assert run(capsys, "status")[0] == 1


def test_a_connector_that_was_deleted_goes_on_where_it_was(own):
    register(own.connect, own.source, own.settings, epoch=1, deadline=Deadline(60))
    own.sql.execute("INSERT INTO tags (name) VALUES ('one')")
    read(own, 1)
    cli.main(["delete"])
    own.sql.execute("INSERT INTO tags (name) VALUES ('meanwhile')")
    done = register(own.connect, own.source, own.settings, epoch=2, deadline=Deadline(60))
    assert (done.action, done.note) == ("created", None)
    assert {value["after"]["name"]: (value["op"], headers["cdc-epoch"]) for value, headers in read(own, 2)} == {
        "one": ("c", b"1"),
        "meanwhile": ("c", b"2"),
    }


def test_a_lost_slot_is_said_and_the_advice_works(own, capsys):
    register(own.connect, own.source, own.settings, epoch=1, deadline=Deadline(60))
    own.sql.execute("INSERT INTO tags (name) VALUES ('one')")
    read(own, 1)
    own.connect.stop()
    wait_state(own.connect, "STOPPED", Deadline(30))
    deadline = Deadline(30)
    while own.source.slot() is not None:
        own.source.drop_slot()
        deadline.pause("the slot to go")
    for _ in range(2):
        with pytest.raises(SourceMismatchError, match="is gone"):
            register(own.connect, own.source, own.settings, epoch=None, deadline=Deadline(60))
    assert own.connect.status().connector == "STOPPED"
    assert run(capsys, "delete", "--slot", "--offsets")[0] == 0
    assert run(capsys, "register")[1]["phase"] == "streaming"


def test_a_left_over_slot_is_told(own):
    register(own.connect, own.source, own.settings, epoch=1, deadline=Deadline(60))
    assert cli.main(["delete", "--offsets"]) == 0
    done = register(own.connect, own.source, own.settings, epoch=2, deadline=Deadline(60))
    assert done.note is not None
    assert "snapshot is taken again" in done.note


def test_what_connect_refuses_is_said_in_its_words(own, monkeypatch):
    monkeypatch.setenv("CONNECT_SLOT", "Not A Slot!")
    with pytest.raises(ConnectRefusedError, match=r"(?s)configuration is invalid.*slot.name"):
        register(own.connect, own.source, ConnectSettings(), epoch=1, deadline=Deadline(60))


def test_what_postgres_refuses_is_said(own, monkeypatch):
    monkeypatch.setenv("CONNECT_DB_PASSWORD", "wrong")
    settings = ConnectSettings()
    with pytest.raises(SourceUnreachableError, match="password authentication failed"):
        register(own.connect, PostgresSource(settings), settings, epoch=1, deadline=Deadline(60))
    own.sql.execute("ALTER PUBLICATION cdc_pub DROP TABLE tags")
    with pytest.raises(SourceMismatchError, match="does not hold tags"):
        register(own.connect, own.source, own.settings, epoch=1, deadline=Deadline(60))
    own.sql.execute("ALTER PUBLICATION cdc_pub ADD TABLE tags")
    own.sql.execute("ALTER TABLE tags REPLICA IDENTITY DEFAULT")
    with pytest.raises(SourceMismatchError, match="not FULL on tags"):
        register(own.connect, own.source, own.settings, epoch=1, deadline=Deadline(60))
