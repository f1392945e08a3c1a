"""Drafts written: what comes in one moment, in one command for each collection. In a thread of its own.

A command is sent and its reply looked for later: MongoDB takes some 3 ms until the majority has it, and what comes meanwhile goes over
another connection. Overtaken by a newer draft of the same document, a command writes nothing.

Tried once. Whatever goes wrong, the records are applied as if there had been no draft.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
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
REPLY: Final = 0.002  # seconds between looks for a reply, when nothing else is to be done
WIRES: Final = 3  # commands under way at the same time


@dataclass(slots=True)
class Task:
    """What was seen, on its way to readers."""

    seen: Seen
    left: int  # commands without a reply
    whole: bool  # readers see all of it, as far as is known


@dataclass(slots=True, eq=False)
class Command:
    """A command under way; one that is sent again has fewer statements."""

    task: Task
    wire: Wire
    collection: str
    statements: list[Statement]
    count: int  # of the draft's statements
    again: bool = False
    written: int = 0
    refused: int = 0


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
        self._free = [Wire(self._client, name) for _ in range(WIRES)]
        self._sent: list[Command] = []
        self._board = board

    def connect(self) -> None:
        """Connect, if that was not done. Raises what `Wire.command` raises."""
        for wire in self._free:
            wire.command({"ping": 1}, TIMEOUT)
        self._db.command("ping")  # for reading

    def publish(self, seen: Seen) -> None:
        """Have it written. Never raises an Exception."""
        try:
            if seen.taken.missing:
                self._read(seen.taken)
            task = Task(seen, len(seen.taken.writes), not seen.taken.incomplete)
            if time.monotonic() - seen.at > LATE or not task.left:
                self._board.withdraw(seen)
                return
            for collection, statements in seen.taken.writes.items():
                while not self._free:
                    self._receive(self._sent[0])
                self._send(Command(task, self._free.pop(), collection, statements, len(statements)))
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing depends on a draft
            self._board.stop(error)

    def collect(self) -> float:
        """Take the replies that are here, and tell the board what readers do not see; the seconds after which to ask again.

        Never raises an Exception.
        """
        for sent in list(self._sent):
            try:
                if sent.wire.ready():
                    self._receive(sent)
            except Exception as error:  # noqa: BLE001 - as above
                self._give_back(sent)
                self._board.stop(error)
        return REPLY if self._sent else math.inf

    def close(self) -> None:
        """Close the connections."""
        for wire in (*self._free, *(sent.wire for sent in self._sent)):
            wire.close()
        self._client.close()

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

    def _send(self, command: Command) -> None:
        """The majority is awaited because readers see nothing before."""
        statements = {"update": command.collection, "updates": command.statements, "ordered": False, "writeConcern": {"w": "majority"}}
        self._sent.append(command)
        try:
            command.wire.send(statements, TIMEOUT)
        except BaseException:
            self._give_back(command)
            raise

    def _give_back(self, command: Command) -> None:
        if command in self._sent:
            self._sent.remove(command)
            self._free.append(command.wire)

    def _receive(self, sent: Command) -> None:
        try:
            reply = sent.wire.receive()
        finally:
            self._give_back(sent)
        errors = reply.get("writeErrors", ())
        collided = [sent.statements[error["index"]] for error in errors if error["code"] == DUPLICATE_KEY]
        sent.written += int(reply["n"])
        sent.refused += len(errors) - len(collided)
        # An upsert that meets another of the same document on its way finds nothing, inserts and collides: now it would find it.
        again = [one for one in collided if "$or" in one["q"]]
        if again and not sent.again:
            sent.statements, sent.again = again, True
            self._free.remove(sent.wire)
            self._send(sent)
            return
        _count(sent)
        self._end(sent)

    def _end(self, sent: Command) -> None:
        sent.task.left -= 1
        sent.task.whole &= sent.written == sent.count
        if not sent.task.left:
            if sent.task.whole:
                _observe(sent.task.seen)
            else:
                self._board.withdraw(sent.task.seen)


def _count(sent: Command) -> None:
    metrics.DRAFTS.labels("written").inc(sent.written)
    metrics.DRAFTS.labels("refused").inc(sent.refused)
    metrics.DRAFTS.labels("overtaken").inc(sent.count - sent.written - sent.refused)


def _observe(seen: Seen) -> None:
    now = int(time.time() * 1000)
    for table in {change.table for change in seen.shown}:
        lags = sorted(now - change.commit_ms for change in seen.shown if change.table == table)
        metrics.DRAFTED.add((metrics.table_label(table),), [lag for lag in lags if lag >= 0])
