"""Drafts written: what comes from Kafka in one moment, in one command for each collection.

Tried once. Whatever goes wrong, the records are applied as if there had been no draft.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import pymongo
import structlog

from cdc_consumer import metrics
from cdc_consumer.drafts.drafting import Drafts, Statement, Taken
from cdc_consumer.drafts.wire import Wire
from cdc_consumer.envelope import Change, decode
from cdc_consumer.lanes import GATHER
from cdc_consumer.mongo import DUPLICATE_KEY, Database
from cdc_consumer.poison import Poison
from cdc_consumer.readmodel.codec import PLAIN
from cdc_consumer.readmodel.declare import Document, mirror_name
from cdc_consumer.rows import mongo_id, row_key

FEW: Final = 50  # records of a chunk that is drafted, and...
SMALL: Final = 64 * 1024  # ...its bytes: what the server may refuse for its size is not shown before
AT_ONCE: Final = 2  # commands; what comes meanwhile is gathered for the next
LATE: Final = 1.0  # seconds after which it is not worth it: the document is confirmed, or MongoDB is slow
STUCK: Final = 2.0  # seconds that a chunk waits to be applied when something is wrong; no more is shown before then
CONFIRM: Final = 0.5  # seconds that a chunk waits for more to be applied with it, if readers see all of it...
COMPLETE: Final = 0.02  # ...and until what belongs to it has come, as nearly all does within this time
TIMEOUT: Final = 2.0  # seconds for the commands of a draft
QUIET: Final = 0.005  # seconds for which what has come is not passed on; most drafts are written by then...
READ: Final = 0.001  # ...and after these seconds have come to whoever follows a change stream
REST: Final = 1.0  # seconds without drafts after one has failed
log = structlog.get_logger()


class Publisher:
    """Shows documents early. Made inside the running event loop."""

    def __init__(
        self, db: Database, documents: Sequence[Document], clear: Callable[[str, int], bool], decided: Callable[[], None] = lambda: None
    ) -> None:
        """`clear` tells whether a topic is known to have no parked key in a generation: what waits behind one must not be shown.

        `decided` is told when chunks may have less `patience` than before.
        """
        self._db = db
        self._wire = Wire(db)
        self._clear = clear
        self._decided = decided
        self._drafts = Drafts(documents)
        self._gathered: dict[int, list[Change]] = {}  # chunks and their changes
        self._coming: dict[int, Any] = {}  # chunks offered and not queued yet; held, so that no other gets their number
        self._waiting: dict[int, float] = {}  # chunks offered and not applied yet, since when
        self._whole: set[int] = set()  # those of them that readers see, all of them
        self._tasks: set[asyncio.Task[None]] = set()
        self._rest = 0.0  # until when

    async def show(self, messages: Iterable[Any]) -> None:
        """Offer chunks, and do nothing else until readers have them or some ms have passed: MongoDB has the machine to itself."""
        if self.offer(messages) and self._tasks:
            await asyncio.wait(self._tasks, timeout=QUIET)
            await asyncio.sleep(READ)

    def offer(self, messages: Iterable[Any]) -> bool:
        """Chunks have come from Kafka in one moment; `queued` will be told of those that come through, `drop` if there are others.

        Whether there is something among them to show.
        """
        if not self._drafts.tables:
            return False
        now, any_ = time.monotonic(), False
        for message in messages:
            if (changes := self._changes(message, now)) and any(change.table in self._drafts.tables for change in changes):
                self._coming[id(message)] = message
                self._waiting[id(message)] = now
                self._gathered[id(message)] = changes
                any_ = True
        if self._gathered and len(self._tasks) < AT_ONCE:
            self._go()
        return any_

    def _changes(self, message: Any, now: float) -> list[Change]:
        """What a chunk says, if it may be shown before it is applied."""
        few = len(message.value) <= FEW and message.serialized_value_size <= SMALL
        stuck = self._waiting and now - next(iter(self._waiting.values())) > STUCK
        if not few or stuck or now < self._rest or not self._clear(message.tp.topic, message.generation_id):
            return []
        try:
            return [change for record in message.value if (change := decode(record))]
        except Poison as poison:
            self._stop(poison)  # to be parked when it is applied, and what comes after it of that key, too
            return []

    def queued(self, message: Any) -> None:
        """A chunk will be applied, or dropped: `begin` and `end` will be called."""
        self._coming.pop(id(message), None)

    def drop(self) -> None:
        """What has come and is not queued comes again, here or elsewhere."""
        coming, self._coming = self._coming, {}
        for chunk in coming:
            self._gathered.pop(chunk, None)
        self.begin(coming.values())
        self.end(coming.values())

    def begin(self, messages: Iterable[Any]) -> None:
        """These chunks are being applied, or dropped."""
        chunks = [id(message) for message in messages]
        if not self._gathered.keys().isdisjoint(chunks):
            self._go()
        for chunk in chunks:
            if self._waiting.pop(chunk, None) is not None:
                self._whole.discard(chunk)
                self._drafts.begin(chunk)

    def end(self, messages: Iterable[Any]) -> None:
        """They are applied, or dropped."""
        for message in messages:
            self._drafts.end(id(message))

    def patience(self, message: Any) -> float:
        """Seconds for which a chunk may wait for others before it is applied."""
        chunk = id(message)
        if chunk in self._whole or chunk in self._gathered:
            return CONFIRM
        return COMPLETE if self._drafts.awaits(chunk) else GATHER

    def rests(self, message: Any) -> float:
        """Seconds for which it must wait: what belongs to it is not shown any more once it is at work."""
        chunk = id(message)
        since = self._waiting.get(chunk)
        return since + COMPLETE - time.monotonic() if since is not None and self.patience(message) > GATHER else 0.0

    async def close(self) -> None:
        """End what is under way, and begin nothing any more."""
        self._rest = math.inf
        self._gathered.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._wire.close()

    def _go(self) -> None:
        chunks, self._gathered = self._gathered, {}
        now = time.monotonic()
        since = min((self._waiting[chunk] for chunk in chunks), default=now)
        try:
            taken = self._drafts.take(chunks, now, time.time_ns() // 1_000_000)
        except Exception as error:  # noqa: BLE001 - values that cannot be shown: their record is parked when it is applied
            self._stop(error)
            return
        self._whole |= taken.whole
        if taken.writes or taken.missing:
            shown = [change for chunk in chunks.keys() & taken.whole for change in chunks[chunk]]
            task = asyncio.create_task(self._publish(taken, shown, since), name="drafts")
            self._tasks.add(task)
            task.add_done_callback(self._done)
        if not chunks.keys() <= taken.whole:
            asyncio.get_running_loop().call_soon(self._decided)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._gathered:
            self._go()

    def _stop(self, error: Exception) -> None:
        """Show nothing for a while, and what is shown already is not added to."""
        self._rest = time.monotonic() + REST
        self._gathered.clear()
        self._drafts.forget()
        self._whole.clear()
        asyncio.get_running_loop().call_soon(self._decided)
        metrics.DRAFTS.labels("failed").inc()
        log.info("drafts_stopped", error=f"{type(error).__name__}: {error}"[:300], rest=REST)

    async def _publish(self, taken: Taken, shown: Sequence[Change], since: float) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                if taken.missing:
                    with pymongo.timeout(TIMEOUT):
                        await self._read(taken)
                late = time.monotonic() - since > LATE
                done = [] if late else await self._write_all(taken.writes)
            if late or taken.incomplete or not all(done):
                self._whole -= taken.whole  # readers do not see all of them
                self._decided()
                return
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing depends on a draft
            self._stop(error)
            return
        now = int(time.time() * 1000)
        for table in {change.table for change in shown}:
            lags = sorted(now - change.commit_ms for change in shown if change.table == table)
            metrics.DRAFTED.add((metrics.table_label(table),), [lag for lag in lags if lag >= 0])

    async def _read(self, taken: Taken) -> None:
        """Read the rows that nothing is known of, and complete what waits for them."""
        now, tables = time.monotonic(), dict[str, list[Any]]()
        for table, key in taken.missing:
            tables.setdefault(table, []).append(mongo_id(key))

        async def read(table: str, ids: list[Any]) -> None:
            mirror = self._db.get_collection(mirror_name(table), codec_options=PLAIN)
            for row in await mirror.find({"_id": {"$in": ids}}).to_list():
                self._drafts.known.add(table, row_key(row["_id"]), row, now)

        await asyncio.gather(*(read(*item) for item in tables.items()))
        places, taken.incomplete = taken.incomplete, []
        for place in places:
            self._drafts.write(place, taken, now)

    async def _write_all(self, writes: Mapping[str, list[Statement]]) -> list[bool]:
        if len(writes) == 1:  # nearly always; a task more is a part of the time it takes
            return [await self._write(*item) for item in writes.items()]
        return await asyncio.gather(*(self._write(*item) for item in writes.items()))

    async def _write(self, collection: str, statements: list[Statement]) -> bool:
        """Write drafts; whether all were. The majority is awaited because readers see nothing before."""
        written, refused, left = await self._update(collection, statements)
        # An upsert that meets another of the same document on its way finds nothing, inserts and collides: now it would find it.
        if again := [one for one in left if "$or" in one["q"]]:
            more, bad, _ = await self._update(collection, again)
            written, refused = written + more, refused + bad
        metrics.DRAFTS.labels("written").inc(written)
        metrics.DRAFTS.labels("refused").inc(refused)
        metrics.DRAFTS.labels("overtaken").inc(len(statements) - written - refused)
        return written == len(statements)

    async def _update(self, collection: str, statements: list[Statement]) -> tuple[int, int, list[Statement]]:
        """How many were written, how many refused, and which collided."""
        command = {"update": collection, "updates": statements, "ordered": False, "writeConcern": {"w": "majority"}}
        reply = await self._wire.command(command, TIMEOUT)
        errors = reply.get("writeErrors", ())
        collided = [statements[error["index"]] for error in errors if error["code"] == DUPLICATE_KEY]
        return int(reply["n"]), len(errors) - len(collided), collided
