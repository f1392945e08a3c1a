"""Is every row in MongoDB? Counts on both sides, and nothing left unread between them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from cdc_consumer.offsets import GroupOffsets, behind_by
from cdc_consumer.readmodel.declare import mirror_name
from cdc_consumer.readmodel.documents import DOCUMENTS, FOR_CLIENTS
from cdc_consumer.readmodel.routes import captured_tables, topic_of
from stack.errors import StackError
from stack.plan import Watch
from stack.probes import mongo_client

_ALIVE = {"_deleted": {"$ne": True}}
_STALLED_SECONDS = 120.0


@dataclass(frozen=True)
class Count:
    """Rows of a table in Postgres against documents of a collection in MongoDB; tombstones do not count."""

    table: str
    rows: int
    collection: str
    documents: int


def counts(postgres_dsn: str, mongo_uri: str, mongo_db: str) -> list[Count]:
    """One count for each mirror and each collection of documents. Raises what the drivers raise."""
    tables = captured_tables(DOCUMENTS)
    with psycopg.connect(postgres_dsn, connect_timeout=5) as connection:
        rows = {table: _rows(connection, table) for table in tables}
    pairs = [(document.root, document.collection) for document in DOCUMENTS] + [(table, mirror_name(table)) for table in tables]
    with mongo_client(mongo_uri) as client:
        return [Count(table, rows[table], name, client[mongo_db][name].count_documents(_ALIVE)) for table, name in pairs]


def _rows(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table))).fetchone()
    return int(row[0]) if row else 0


def unread(broker: str, group: str, topic_prefix: str) -> int:
    """Records of the captured topics that the group has not acknowledged yet. The canary's never end, and are left out."""
    offsets = GroupOffsets(broker, group)
    try:
        wanted = offsets.ends([topic_of(topic_prefix, table) for table in sorted({t for d in FOR_CLIENTS for t in d.tables()})])
        return behind_by(wanted, offsets.committed(list(wanted)))
    finally:
        offsets.close()


def await_complete(env: dict[str, str], watch: Watch) -> list[Count]:
    """Waits until counts agree and nothing is unread. Raises StackError when nothing has moved for two minutes."""
    best, moved = -1, time.monotonic()
    while True:
        began = time.monotonic()
        found = counts(env["VERIFY_POSTGRES_DSN"], env["VERIFY_MONGO_URI"], env["VERIFY_MONGO_DB"])
        left = unread(env["CDC_BROKER"], env["CDC_GROUP"], env["CDC_TOPIC_PREFIX"])
        if left == 0 and all(count.rows == count.documents for count in found):
            return found
        progress = sum(count.documents for count in found) - left
        if progress != best:
            best, moved = progress, time.monotonic()
        elif time.monotonic() - moved > _STALLED_SECONDS:
            raise StackError(f"replication has not moved for {_STALLED_SECONDS:.0f} s: {_summary(found)}", advice="Look at: make status")
        watch.note(f"{_summary(found)}; {left:,} records to apply")
        watch.pause(max(0.3, 2 * (time.monotonic() - began)))  # counting costs the stack more as it grows


def _summary(found: list[Count]) -> str:
    documents = {document.collection for document in DOCUMENTS}
    return ", ".join(f"{count.collection} {count.documents:,} of {count.rows:,}" for count in found if count.collection in documents)
