"""Kafka through Faust, one Faust event per (partition, fetched chunk) instead of one per record.

Stock Faust creates four asyncio tasks a record (0.1 ms), and its offset bookkeeping loses records when something
fails (shared reference, pipeline.md 1 and 2). Here a message is a chunk: its value the list of aiokafka's records, its offset the
last one's. Nothing is acknowledged but by `ack`, and `Ledger` decides what may be committed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import structlog
from aiokafka.structs import TopicPartition
from faust.transport.drivers.aiokafka import Consumer as AiokafkaConsumer
from faust.transport.drivers.aiokafka import Transport as AiokafkaTransport
from faust.types.tuples import TP, ConsumerMessage

from cdc_consumer import metrics
from cdc_consumer.crash_points import reach
from cdc_consumer.death import die
from cdc_consumer.fetching import FairThread
from cdc_consumer.ledger import Ledger
from cdc_consumer.pace import Pace
from cdc_consumer.sizes import IN_FLIGHT_BYTES, cut, size_of

log = structlog.get_logger()


class ChunkConsumer(AiokafkaConsumer):  # type: ignore[misc]
    """Delivers chunks and commits the longest acknowledged prefix of each partition."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ledger: Ledger[TP] = Ledger()
        self._dropped = False
        self._room = asyncio.Event()  # something was acknowledged or forgotten

    def _new_consumer_thread(self) -> FairThread:
        return FairThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):  # noqa: SLF001 - as the method it replaces
                await self.sleep(0)
                if self._dropped:
                    await self._rewind()
                # Taken before the fetch: one that was under way during a rebalance returns records of both assignments.
                generation = self.app.consumer_generation_id
                fetched, _ = await self._wait_next_records(1.0)
                for tp, records in (fetched or {}).items():
                    if not await self._deliver(tp, records, generation):
                        self._dropped = True
                        break
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing would be fetched any more
            if not self.transport.app.should_stop:
                die(error)

    async def _deliver(self, tp: TP, records: list[Any], generation: int) -> bool:
        if records:
            self._check_continuity(tp, records[0].offset)
        fetched = time.time()  # stands where Faust keeps Kafka's timestamp, which each record has for itself
        for chunk in cut(records):
            size = sum(map(size_of, chunk))
            await self._wait_for_room(size)
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return False
            last = chunk[-1].offset
            message = ConsumerMessage(
                tp.topic, tp.partition, last, fetched, 0, None, None, chunk, None, 0, size, tp, generation_id=generation
            )
            self.ledger.deliver(tp, last, size)
            await self.wait_first(self.callback(message), self.suspend_flow.wait())
            if self.suspend_flow.is_set() or self.app.consumer_generation_id != generation:
                return False  # not surely delivered
            self._read_offset[tp] = last + 1
        return True

    async def _wait_for_room(self, size: int) -> None:
        """Wait until a chunk fits into what may be in flight, or the flow stops. A chunk alone always fits."""
        while (used := self.ledger.bytes_in_flight()) and used + size > IN_FLIGHT_BYTES and self.flow_active and not self._stopped.is_set():
            self._room.clear()
            await self.wait_first(self._room.wait(), self.suspend_flow.wait())

    async def _rewind(self) -> None:
        """Read everything again that was fetched and not delivered.

        Faust's own seek at the end of a rebalance is not enough: it leaves out partitions without a committed offset, and records can be
        fetched before it comes to a partition. Chunks in flight come again too; applying them twice changes nothing.
        """
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        if self._stopped.is_set() or not self.flow_active:
            return
        self._dropped = False
        assigned = self.assignment()
        if not assigned:
            return
        self.ledger.forget(assigned)
        await self.perform_seek()
        if fresh := [tp for tp in assigned if not self._committed_offset[tp]]:
            await self._thread.seek_to_beginning(*(TopicPartition(tp.topic, tp.partition) for tp in fresh))  # aiokafka refuses Faust's own
        metrics.REWINDS.inc()

    def _check_continuity(self, tp: TP, first: int) -> None:
        expected = self._read_offset[tp]
        if expected is None or first == expected:
            return
        if first > expected:
            # Kafka has deleted what was not read yet: the rows in it are gone for the worker (verify finds them).
            metrics.MISSED_OFFSETS.labels(tp.topic).inc(first - expected)
            log.error("offsets_missed", topic=tp.topic, partition=tp.partition, expected=expected, got=first, do="make verify")
            return
        log.error("offsets_went_back", topic=tp.topic, partition=tp.partition, expected=expected, got=first)
        self.ledger.forget([tp])  # the topic was made anew, or the group was reset: begin again from here
        self._committed_offset[tp] = None

    def ack(self, message: ConsumerMessage) -> bool:
        """Count a chunk as applied. False for a chunk of an older generation or of a revoked partition."""
        message.acked = True
        self._unacked_messages.discard(message)
        known = message.generation_id == self.app.consumer_generation_id and self.ledger.acknowledge(message.tp, message.offset)
        self._room.set()
        return known

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in self.ledger.partitions() if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        ready = self.ledger.ready(tp)
        return ready if ready is not None and ready > (self._committed_offset[tp] or 0) else None

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: ARG002
        assignment = self.assignment()
        mine = {tp: offset for tp, offset in offsets.items() if tp in assignment}
        if not mine:
            return False
        committed = bool(await self._commit(mine))
        metrics.COMMITS.labels("done" if committed else "refused").inc()
        if committed:  # stock Faust remembers the offset even when Kafka refused it
            self._committed_offset.update(mine)
            await reach("after_commit")
        return committed

    async def crash(self, reason: BaseException) -> None:
        """A service of Faust failed. Its way of shutting down can hang (robinhood/faust#684)."""
        if not self.transport.app.should_stop:
            die(reason)
        await super().crash(reason)

    async def verify_all_partitions_active(self) -> None:
        """Stock Faust's stall detector looks at records; chunks would only make it cry wolf."""

    async def _add_gap(self, *_: Any) -> None:
        """Gaps in offsets need no bookkeeping: a chunk's last offset covers them."""

    async def on_partitions_revoked(self, revoked: Iterable[TP]) -> None:
        """Forget what is revoked, also a partition that comes back: its chunks are delivered anew."""
        self.ledger.forget(revoked)
        self._room.set()
        await super().on_partitions_revoked(revoked)


class ChunkTransport(AiokafkaTransport):  # type: ignore[misc]
    """Faust's aiokafka transport with the chunk consumer."""

    Consumer = ChunkConsumer
    pace: Pace
    topics: frozenset[str] = frozenset()  # all that are read
    later: frozenset[str] = frozenset()  # topics that wait while others have a backlog, see `precedence`
