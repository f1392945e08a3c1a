"""Kafka through Faust, one Faust event per (partition, fetched chunk) instead of one per record.

Stock Faust creates four asyncio tasks a record (0.1 ms), and its offset bookkeeping loses records when something
fails (shared reference, pipeline.md 1 and 2). Here a message is a chunk: its value the list of aiokafka's records, its offset the
last one's. Nothing is acknowledged but by `ack`, and `Ledger` decides what may be committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import faust
from faust.transport.drivers.aiokafka import Consumer as AiokafkaConsumer
from faust.transport.drivers.aiokafka import Transport as AiokafkaTransport
from faust.types.tuples import TP, ConsumerMessage

from cdc_consumer import metrics
from cdc_consumer.crash_points import reach
from cdc_consumer.ledger import Ledger

CHUNK: Final = 1000  # records: the bulk size at which MongoDB's cost per command no longer matters


class ChunkConsumer(AiokafkaConsumer):  # type: ignore[misc]
    """Delivers chunks and commits the longest acknowledged prefix of each partition."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ledger: Ledger[TP] = Ledger()

    async def _drain_messages(self, fetcher: Any) -> None:
        while not (self._stopped.is_set() or fetcher._stopped.is_set()):  # noqa: SLF001 - as the method it replaces
            await self.sleep(0)
            fetched, _ = await self._wait_next_records(1.0)
            generation = self.app.consumer_generation_id
            for tp, records in (fetched or {}).items():
                if not await self._deliver(tp, records, generation):
                    break  # a rebalance: the flow resumes with a seek to the committed offsets

    async def _deliver(self, tp: TP, records: list[Any], generation: int) -> bool:
        start = self._read_offset[tp]
        if start is not None and records and records[0].offset < start:
            records = [record for record in records if record.offset >= start]
        for i in range(0, len(records), CHUNK):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return False
            chunk = records[i : i + CHUNK]
            last = chunk[-1].offset
            message = ConsumerMessage(tp.topic, tp.partition, last, 0.0, 0, None, None, chunk, None, 0, 0, tp, generation_id=generation)
            self.ledger.deliver(tp, last)
            await self.wait_first(self.callback(message), self.suspend_flow.wait())
            if self.suspend_flow.is_set() or self.app.consumer_generation_id != generation:
                return False  # not surely delivered: the read offset does not advance
            self._read_offset[tp] = last + 1
        return True

    def ack(self, message: ConsumerMessage) -> bool:
        """Count a chunk as applied. False for a chunk of an older generation or of a revoked partition."""
        message.acked = True
        self._unacked_messages.discard(message)
        return message.generation_id == self.app.consumer_generation_id and self.ledger.acknowledge(message.tp, message.offset)

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

    async def verify_all_partitions_active(self) -> None:
        """Stock Faust's stall detector looks at records; chunks would only make it cry wolf."""

    async def _add_gap(self, *_: Any) -> None:
        """Gaps in offsets need no bookkeeping: a chunk's last offset covers them."""

    async def on_partitions_revoked(self, revoked: Iterable[TP]) -> None:
        """Forget what is revoked, also a partition that comes back: its chunks are delivered anew."""
        self.ledger.forget(revoked)
        await super().on_partitions_revoked(revoked)


class ChunkTransport(AiokafkaTransport):  # type: ignore[misc]
    """Faust's aiokafka transport with the chunk consumer."""

    Consumer = ChunkConsumer


class PassThrough(faust.Schema):  # type: ignore[misc]
    """Hands the chunk over as it is: decoding is the pipeline's business, so that a bad record cannot be acknowledged unseen."""

    def loads_key(self, app: Any, message: Any, **kwargs: Any) -> None:
        """Nothing: a chunk has no key."""

    def loads_value(self, app: Any, message: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """The chunk."""
        return message.value
