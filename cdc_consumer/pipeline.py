"""Composition of the pipeline behind the transport: from a delivered chunk to its acknowledgement."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import structlog
from pymongo.errors import PyMongoError

from cdc_consumer import abandoned, metrics
from cdc_consumer.chunks import ChunkApplier
from cdc_consumer.collections import ensure, ensure_mirrors
from cdc_consumer.crash_points import reach
from cdc_consumer.dead_letters.owned import Owned
from cdc_consumer.dead_letters.parking import CircuitOpen, Parking
from cdc_consumer.dead_letters.topic import TOPIC, NotParked, Outbox
from cdc_consumer.death import die
from cdc_consumer.drafts.back import TakingBack
from cdc_consumer.drafts.board import Board
from cdc_consumer.drafts.held import Held
from cdc_consumer.drafts.publish import Publisher
from cdc_consumer.drafts.tail import Tail
from cdc_consumer.fan_out import FanOut
from cdc_consumer.lag import observe
from cdc_consumer.lane import Weight
from cdc_consumer.lanes import Lanes
from cdc_consumer.materialise import Materialiser, everything
from cdc_consumer.mirror import Mirrors
from cdc_consumer.mongo import Client, connect, database
from cdc_consumer.pace import Pace
from cdc_consumer.primary import PrimaryListener
from cdc_consumer.pulse import Pulse
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.routes import captured_tables, mirror_indexes, routes
from cdc_consumer.retry import pause, transient_cause
from cdc_consumer.settings import Settings
from cdc_consumer.sizes import CHUNK, CHUNK_BYTES
from cdc_consumer.tracing import log_traced

ENDING: Final = 2.0  # seconds for one command
LEAST: Final = CHUNK_BYTES // CHUNK  # bytes that a record counts for at least: a full chunk weighs one
OBSERVERS: Final = (observe, log_traced)
log = structlog.get_logger()


def applier(client: Client, settings: Settings, documents: Iterable[Document]) -> ChunkApplier:
    """Everything that turns a chunk of records into documents, wired."""
    documents, db = tuple(documents), database(client, settings.mongo_db)
    metrics.declare(captured_tables(documents))
    shown, ttl = () if settings.mirrors_only else documents, settings.tombstone_ttl
    fan_out = FanOut(db, routes(shown))
    return ChunkApplier(
        client,
        Mirrors(db, ttl, mirror_indexes(shown)),
        fan_out,
        Materialiser(db, ttl, Held(db).choose if settings.drafts else everything),
        TakingBack(client, db, shown, fan_out, ttl),
    )


class Pipeline:
    """Applies delivered chunks and acknowledges them. Made inside the running event loop."""

    def __init__(self, settings: Settings, documents: Iterable[Document], consumer: Callable[[], Any], pulse: Pulse, pace: Pace) -> None:
        """`consumer` returns the transport's consumer, which does not exist yet when the pipeline is made."""
        self._loop = asyncio.get_running_loop()
        self._pulse = pulse
        self._settings = settings
        self._documents = tuple(documents)
        self._consumer = consumer
        self._client = connect(settings.mongo_uri, PrimaryListener(pulse))
        db = database(self._client, settings.mongo_db)
        self._parked = Owned(db)
        early = self._documents if settings.drafts and not settings.mirrors_only else ()
        self.board = Board(early, self._is_clear, pace, self._decided)
        self._tail = Tail(settings.broker, settings.group, self.board, Publisher(settings.mongo_uri, settings.mongo_db, self.board))
        outbox = Outbox(settings.broker, f"{settings.topic_prefix}.{TOPIC}")
        self._parking = Parking(applier(self._client, settings, self._documents), self._parked, outbox, OBSERVERS)
        self._open: set[str] = set()
        self.lanes: Lanes[Any] = Lanes(
            self._handle, die, self._jointly, weight, follows, patience=self.board.patience, rests=self.board.rests
        )

    def _is_clear(self, topic: str) -> bool:
        return self._parked.clear(topic, self._consumer().app.consumer_generation_id)

    def _decided(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self.lanes.reconsider)

    async def prepare(self) -> None:
        """Wait for MongoDB and make the collections ready."""
        await self._forever("prepare", self._make_ready, lambda: True)
        if self.board.drafts.tables:
            self._tail.start()

    async def _make_ready(self) -> None:
        prepare = ensure_mirrors if self._settings.mirrors_only else ensure
        await prepare(database(self._client, self._settings.mongo_db), self._documents)
        await self._parked.prepare()

    async def submit(self, message: Any) -> None:
        """Queue one delivered chunk; waits while its partition has enough to do."""
        metrics.IN_FLIGHT.set(self._consumer().ledger.in_flight())
        await self.lanes.submit(message.tp, message)

    async def close(self) -> None:
        """Stop. What is not acknowledged comes again.

        The lanes end first: a transaction whose client is closed can't be aborted, and MongoDB keeps its locks for 60 s.
        """
        self._tail.stop()
        await self.lanes.close()
        await asyncio.to_thread(self._tail.join, ENDING)
        with contextlib.suppress(PyMongoError, TimeoutError):  # away: then its transactions end with it, or after 60 s
            async with asyncio.timeout(ENDING):
                await abandoned.end_all(self._client)
        await self._client.close()

    async def _handle(self, messages: Sequence[Any]) -> None:
        """Apply chunks of one partition, again and again until it succeeds, and acknowledge them."""
        last = messages[-1]  # all are of one partition and one generation
        self.board.begin(messages)
        records, fetched = _fetched(messages)
        metrics.CHUNK_RECORDS.observe(len(records))
        self._pulse.begins(id(last))
        self._parked.enter(last.generation_id)
        try:
            applied = await self._forever(str(last.tp), lambda: self._parking.apply(records, fetched), lambda: self._mine(last))
        finally:
            self._pulse.ends(id(last))
            self.board.end(messages)
        if applied:
            await self._acknowledge(messages)

    async def _jointly(self, parts: Sequence[Sequence[Any]]) -> Sequence[int]:
        """Try once to apply chunks of several partitions together, and acknowledge them; which parts are to be handled by themselves."""
        last = parts[-1][-1]  # all are of one generation
        together = [message for messages in parts for message in messages]
        self.board.begin(together)
        fetched = [_fetched(messages) for messages in parts]
        if not self._mine(last):
            self.board.end(together)
            return ()
        self._pulse.begins(id(last))
        self._parked.enter(last.generation_id)
        try:
            left = await self._parking.apply_jointly(fetched)
        except Exception as error:
            if (cause := _passing(error)) is None:
                raise
            metrics.RETRIES.labels(cause).inc()
            log.warning("apart", parts=len(parts), cause=cause, error=str(error)[:300])
            await asyncio.sleep(pause(1))
            return range(len(parts))
        finally:
            self._pulse.ends(id(last))
            self.board.end(together)
        done = [number for number in range(len(parts)) if number not in left]
        if done:
            metrics.CHUNK_RECORDS.observe(sum(len(fetched[number][0]) for number in done))
            await self._acknowledge([message for number in done for message in parts[number]])
        return left

    def _mine(self, message: Any) -> bool:
        return bool(message.generation_id == self._consumer().app.consumer_generation_id)

    async def _acknowledge(self, messages: Iterable[Any]) -> None:
        await reach("before_acknowledge")
        for message in messages:
            self._consumer().ack(message)
        metrics.IN_FLIGHT.set(self._consumer().ledger.in_flight())
        await reach("after_acknowledge")

    def _circuit(self, what: str, *, is_open: bool) -> None:
        (self._open.add if is_open else self._open.discard)(what)
        metrics.CIRCUIT_OPEN.set(len(self._open))

    async def _forever(self, what: str, work: Callable[[], Any], wanted: Callable[[], bool]) -> bool:
        """Work until it succeeds; False when it is not wanted any more (its partition went to another worker)."""
        try:
            return await self._again_and_again(what, work, wanted)
        finally:
            self._pulse.goes_on(what)
            self._circuit(what, is_open=False)

    async def _again_and_again(self, what: str, work: Callable[[], Any], wanted: Callable[[], bool]) -> bool:
        attempt = 0
        while wanted():
            try:
                await work()
            except Exception as error:
                cause = _passing(error)
                if cause is None:
                    raise
                self._circuit(what, is_open=cause == "circuit_open")
                self._pulse.waits(what, cause)
                attempt += 1
                metrics.RETRIES.labels(cause).inc()
                wait = pause(attempt)
                log.warning("retry", what=what, cause=cause, attempt=attempt, wait=round(wait, 2), error=str(error)[:300])
                await asyncio.sleep(wait)
            else:
                return True
        return False


def weight(message: Any) -> Weight:
    """Records and bytes of a delivered chunk; however small a record is, it makes objects."""
    records = len(message.value)
    return Weight(records, max(int(message.serialized_value_size), records * LEAST))


def follows(earlier: Any, message: Any) -> bool:
    """Whether a delivered chunk can be applied together with an earlier one: they came in one assignment, and in order."""
    if message.generation_id != earlier.generation_id:
        return False
    return bool(message.tp != earlier.tp or message.value[0].offset > earlier.offset)  # they go back where a topic was made anew


def _fetched(messages: Sequence[Any]) -> tuple[Sequence[Any], list[tuple[int, float]]]:
    """The records of chunks of one partition, and up to which offset, and when, they came from Kafka."""
    records = [record for message in messages for record in message.value] if len(messages) > 1 else messages[0].value
    return records, [(message.offset, message.timestamp) for message in messages]


def _passing(error: BaseException) -> str | None:
    if isinstance(error, CircuitOpen):
        return "circuit_open"
    return "dead_letters" if isinstance(error, NotParked) else transient_cause(error)
