"""Looks into MongoDB itself, many times a second, for what was acknowledged: what can be read, and how late.

It does not ask the API, the worker or Prometheus: none of them can hide how late they are.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from cdc_consumer.readmodel.codec import CODEC
from chaos.checker.model import Place
from chaos.history.book import Book
from chaos.history.clock import Clock
from chaos.history.records import Op, Outcome, Read, Seen, Write
from chaos.load.documents import of_mongo
from chaos.tokens import Tokens

EVERY = 0.15  # seconds between two looks
MOST, OTHERS = 60, 30  # keys in one look: the longest waiting, and some that nobody waits for
_TIMEOUT_MS = 2000


@dataclass
class Watcher:
    """A thread that waits for acknowledged writes. `waiting` holds them by version until they can be read."""

    uri: str
    database: str
    tokens: Tokens
    book: Book
    clock: Clock
    waiting: dict[int, Write] = field(default_factory=dict)
    _known: list[Place] = field(default_factory=list)
    _gone: set[Place] = field(default_factory=set)
    _last: dict[Place, dict[str, Any] | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def told(self, write: Write) -> None:
        """A write was acknowledged."""
        place = (write.table, int(write.key or 0))
        with self._lock:
            self.waiting[write.version] = write
            if write.op is Op.CREATE:
                self._known.append(place)
            elif write.op is Op.DELETE:
                self._gone.add(place)

    def lag(self) -> tuple[float, int]:
        """Seconds that the oldest acknowledged write has been waiting, and how many wait."""
        with self._lock:
            oldest = min((write.end for write in self.waiting.values()), default=None)
            return (0.0 if oldest is None else self.clock.now() - oldest), len(self.waiting)

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._thread:
            self._thread.join(10)

    def _run(self) -> None:
        chance = random.Random(self.tokens.run)  # noqa: S311 - which keys to look at
        with MongoClient[dict[str, Any]](self.uri, timeoutMS=_TIMEOUT_MS, serverSelectionTimeoutMS=_TIMEOUT_MS, appname="chaos") as client:
            db = client.get_database(self.database, codec_options=CODEC, read_concern=ReadConcern("majority"))
            while not self._stop.wait(EVERY):
                self._look(db, chance)

    def _look(self, db: Database[dict[str, Any]], chance: random.Random) -> None:
        with self._lock:
            pending = sorted(self.waiting.values(), key=lambda write: write.end)[:MOST]
            others = [chance.choice(self._known) for _ in range(OTHERS)] if self._known else []
            gone = set(self._gone)
        wanted = {(write.table, int(write.key or 0)) for write in pending} | set(others)
        shown: dict[Place, dict[str, Any] | None] = {}
        for table in ("users", "items"):
            keys, start = [key for name, key in wanted if name == table], self.clock.now()
            try:
                found = of_mongo(db, table, keys) if keys else {}
            except PyMongoError as error:
                if keys:
                    failed = Outcome.FAIL
                    self.book.write(
                        Read("watcher", "mongo", table, keys[0], start, start, self.clock.now(), failed, detail=type(error).__name__)
                    )
                continue
            end = self.clock.now()
            for key in keys:
                shown[table, key] = found.get(key)
                self._note((table, key), found.get(key), start, end)
        self._arrived(pending, shown, gone)

    def _note(self, place: Place, document: dict[str, Any] | None, start: float, end: float) -> None:
        """Write down what differs from the last look."""
        if self._last.get(place) != document or place not in self._last:
            self._last[place] = document
            self.book.write(Read("watcher", "mongo", *place, start, start, end, Outcome.OK, document))

    def _arrived(self, pending: list[Write], shown: dict[Place, dict[str, Any] | None], gone: set[Place]) -> None:
        now = self.clock.now()
        for write in pending:
            place = (write.table, int(write.key or 0))
            if place not in shown:
                continue
            document = shown[place]
            if document is None:
                there = place in gone
            else:
                number = self.tokens.number(document.get("name" if write.table == "users" else "title"))
                there = write.op is not Op.DELETE and number is not None and number >= write.version
            if there:
                with self._lock:
                    self.waiting.pop(write.version, None)
                self.book.write(Seen(write.version, write.end, now))
