"""Drafts written: what comes in one moment, in one command for each collection. In a thread of its own.

Tried once. Whatever goes wrong, the records are applied as if there had been no draft.
"""

from __future__ import annotations

import time
from typing import Any, Final

from pymongo import MongoClient

from cdc_consumer import metrics
from cdc_consumer.drafts.board import Board, Seen
from cdc_consumer.drafts.drafting import Statement, Taken
from cdc_consumer.drafts.wire import Wire
from cdc_consumer.mongo import DUPLICATE_KEY
from cdc_consumer.readmodel.codec import PLAIN
from cdc_consumer.readmodel.declare import mirror_name
from cdc_consumer.rows import mongo_id, row_key

TIMEOUT: Final = 2.0  # seconds for one command
LATE: Final = 1.0  # seconds after which it is not worth it: the document is confirmed, or MongoDB is slow


class Publisher:
    """Writes what a board has seen."""

    def __init__(self, uri: str, name: str, board: Board) -> None:
        """To be used in one thread. `connect` connects, or what needs it."""
        milliseconds = int(TIMEOUT * 1000)
        self._client = MongoClient[dict[str, Any]](
            uri,
            connect=False,
            serverSelectionTimeoutMS=milliseconds,
            connectTimeoutMS=milliseconds,
            timeoutMS=milliseconds,
            appname="cdc-drafts",
        )
        self._db = self._client[name]
        self._wire = Wire(self._client, name)
        self._board = board

    def connect(self) -> None:
        """Connect, if that was not done. Raises what `Wire.command` raises."""
        self._wire.command({"ping": 1}, TIMEOUT)
        self._db.command("ping")  # for reading

    def publish(self, seen: Seen) -> None:
        """Write it, and tell the board what readers do not see of it. Never raises an Exception."""
        try:
            if self._written(seen):
                _observe(seen)
            else:
                self._board.withdraw(seen)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing depends on a draft
            self._board.stop(error)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()
        self._client.close()

    def _written(self, seen: Seen) -> bool:
        if seen.taken.missing:
            self._read(seen.taken)
        if time.monotonic() - seen.at > LATE:
            return False
        done = [self._write(*item) for item in seen.taken.writes.items()]
        return all(done) and not seen.taken.incomplete

    def _read(self, taken: Taken) -> None:
        """Read the rows that nothing is known of, and complete what waits for them."""
        tables = dict[str, list[Any]]()
        for table, key in taken.missing:
            tables.setdefault(table, []).append(mongo_id(key))
        rows = [
            (table, row_key(row["_id"]), row)
            for table, ids in tables.items()
            for row in self._db.get_collection(mirror_name(table), codec_options=PLAIN).find({"_id": {"$in": ids}})
        ]
        self._board.complete(taken, rows)

    def _write(self, collection: str, statements: list[Statement]) -> bool:
        """Write drafts; whether all were. The majority is awaited because readers see nothing before."""
        written, refused, left = self._update(collection, statements)
        # An upsert that meets another of the same document on its way finds nothing, inserts and collides: now it would find it.
        if again := [one for one in left if "$or" in one["q"]]:
            more, bad, _ = self._update(collection, again)
            written, refused = written + more, refused + bad
        metrics.DRAFTS.labels("written").inc(written)
        metrics.DRAFTS.labels("refused").inc(refused)
        metrics.DRAFTS.labels("overtaken").inc(len(statements) - written - refused)
        return written == len(statements)

    def _update(self, collection: str, statements: list[Statement]) -> tuple[int, int, list[Statement]]:
        """How many were written, how many refused, and which collided."""
        command = {"update": collection, "updates": statements, "ordered": False, "writeConcern": {"w": "majority"}}
        reply = self._wire.command(command, TIMEOUT)
        errors = reply.get("writeErrors", ())
        collided = [statements[error["index"]] for error in errors if error["code"] == DUPLICATE_KEY]
        return int(reply["n"]), len(errors) - len(collided), collided


def _observe(seen: Seen) -> None:
    now = int(time.time() * 1000)
    for table in {change.table for change in seen.shown}:
        lags = sorted(now - change.commit_ms for change in seen.shown if change.table == table)
        metrics.DRAFTED.add((metrics.table_label(table),), [lag for lag in lags if lag >= 0])
