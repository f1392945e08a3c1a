"""The whole way of an initial load: from `register` of a new connector, through its snapshot, to the last document.

Each sink has a connector, a slot and topics of its own, and waits for their first record. The clock begins with `register`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import psycopg

from bench import phases
from bench.measure import Bench, NotAppliedError, Run
from bench.recorder import Recorder
from bench.sink import Sink
from bench.sizes import Sizes
from bench.tape import KEYS, TABLES, State, Tape
from connectors.client import Connect
from connectors.delete import delete
from connectors.errors import CommandError
from connectors.register import register
from connectors.settings import ConnectSettings
from connectors.source import PostgresSource
from connectors.wait import Deadline

PHASE: Final = "end_to_end"
SAMPLES: Final = 200  # rows of each table that are looked for; all are compared afterwards
CONNECT_SECONDS: Final = 120.0


def fill(bench: Bench, sizes: Sizes, say: Callable[[str], None]) -> State:
    """Fill Postgres with the rows to be loaded, and wait until the connector that is there has captured them; what the tables hold."""
    env = bench.place.stack.env
    recorder = Recorder(bench.topics, env["CDC_TOPIC_PREFIX"], say)
    with psycopg.connect(env["VERIFY_POSTGRES_DSN"], autocommit=True) as connection:
        recorder.restart(lambda: phases.clear(connection) + phases.load(connection, sizes))
        return {table: _rows(connection, table) for table in TABLES}


def _rows(connection: phases.Connection, table: str) -> dict[Any, Any]:
    if table == "items":
        return {key: (title, owner) for key, title, owner in connection.execute("SELECT id, title, owner_id FROM items")}
    if table == "item_tags":
        return {tuple(zip(KEYS[table], row, strict=True)): True for row in connection.execute("SELECT item_id, tag_id FROM item_tags")}
    query = "SELECT id, name FROM users" if table == "users" else "SELECT id, name FROM tags"
    return dict(connection.execute(query).fetchall())


def measure(bench: Bench, sink: Sink, state: State) -> Run:
    """Load everything once. Raises NotAppliedError."""
    settings = _settings(bench, f"e2e-{sink.name}-{uuid.uuid4().hex[:8]}")
    tape = Tape(settings.topic_prefix, state, sum(map(len, state.values())), touched=_samples(state))
    connect, source = Connect(settings.url, settings.name), PostgresSource(settings)
    database = f"bench_e2e_{sink.name}"
    bench.drop(database)
    bench.topics.create(tape.prefix)

    def begin() -> None:
        register(connect, source, settings, epoch=None, deadline=Deadline(CONNECT_SECONDS))

    try:
        return replace(bench.run(sink, tape, database, begin), phase=PHASE)
    except CommandError as error:
        raise NotAppliedError(f"{sink.title}: {error}") from error
    finally:
        delete(connect, source, settings, slot=True, offsets=True, deadline=Deadline(CONNECT_SECONDS))
        bench.drop(database)


def _settings(bench: Bench, name: str) -> ConnectSettings:
    env = bench.place.stack.env
    given = {field: env[f"CONNECT_{field.upper()}"] for field in ConnectSettings.model_fields if f"CONNECT_{field.upper()}" in env}
    return ConnectSettings.model_validate(given | {"name": name, "topic_prefix": name, "slot": name.replace("-", "_")})


def _samples(state: State) -> list[tuple[str, Any]]:
    found = []
    for table, rows in state.items():
        keys = sorted(rows)
        found += [(table, key) for key in (*keys[:: max(1, len(keys) // SAMPLES)], *keys[-1:])]
    return found
