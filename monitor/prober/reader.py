"""Finding canaries again in MongoDB, on a thread of its own.

A change stream tells each write of a canary's document as soon as the majority has it, which is when clients can read it. That cost a
twentieth of the processor time of asking every few milliseconds, and nothing measurable on the server (docs/decisions/0006-prober.md).

A stream that breaks is opened anew, and the documents are read once: what was written meanwhile has arrived by then at the latest.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from monitor.prober import metrics
from monitor.prober.canaries import Canaries
from monitor.prober.track import Sighting

AGAIN: Final = 0.5
"""Seconds until a broken stream is opened again."""
AWAIT_MS: Final = 1_000
"""For which the server waits for a change; less than the client's limit for one operation."""
WRITES: Final = [{"$match": {"operationType": {"$in": ["insert", "replace", "update"]}}}]

log = structlog.get_logger("prober")


@dataclass
class Reader:
    """Tells `canaries` what MongoDB shows. The collection's client bounds every wait."""

    canaries: Canaries
    collection: Collection[dict[str, Any]]
    _failing: bool = False
    _read: dict[int, tuple[int, float]] = field(default_factory=dict)
    """The rows that were read when the stream was opened; it may begin with writes that are older."""

    def run(self, stop: threading.Event) -> None:
        """Until `stop`."""
        while not stop.is_set():
            try:
                self._follow(stop)
            except PyMongoError as error:
                metrics.ERRORS.labels("canary reader").inc()
                if not self._failing:
                    log.warning("canaries cannot be read", error=str(error)[:300])
                self._failing = True
                stop.wait(AGAIN)

    def _follow(self, stop: threading.Event) -> None:
        """Until the stream ends, as it does when the collection is dropped. Raises PyMongoError."""
        with self.collection.watch(WRITES, max_await_time_ms=AWAIT_MS) as stream:
            found, at = list(self.collection.find({"_deleted": {"$ne": True}})), time.monotonic()
            self._read.clear()
            for document in found:
                self.tell(document, at)
            self._read.update({document["_id"]: at_row for document in found if (at_row := row(document))})
            self._failing = False
            while stream.alive and not stop.is_set():
                if change := stream.try_next():
                    self.tell(change.get("fullDocument") or {}, time.monotonic())

    def tell(self, document: Mapping[str, Any], at: float) -> None:
        """Hands on a document that was seen at `at` (monotonic); tombstones and other canaries are none of ours."""
        shown = row(document)
        if shown is None or document.get("_id") not in self.canaries.ids or document.get("_deleted"):
            return
        key = int(document["_id"])
        if shown <= self._read.get(key, (0, 0.0)):
            return
        self._read.pop(key, None)
        self.canaries.sighted(key, Sighting(*shown, document.get("_rev"), at))


def row(document: Mapping[str, Any]) -> tuple[int, float] | None:
    """Number and time (seconds since 1970) of a canary's document; None for one that is no canary's."""
    seq, emitted_at = document.get("seq"), document.get("emitted_at")
    if not isinstance(seq, int) or not isinstance(emitted_at, dt.datetime):
        return None
    return int(seq), round(emitted_at.timestamp() * 1000) / 1000
