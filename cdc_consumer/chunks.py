"""What happens to a chunk of records, of one partition or of several.

The order is the promise:

1. fetch        the transport hands over a chunk and remembers it as unacknowledged (`transport`)
2. decode       bytes become changes (`envelope`), changes one state a row (`coalesce`); what cannot be is set aside (`dead_letters`)
3. mirror       the newest rows are written to the mirrors, majority-acknowledged (`mirror`)
4. materialise  every document that any image of the chunk is part of is rebuilt and written (`fan_out`, `materialise`)
5. park         dead letters are written to their topic, acknowledged by Kafka (`dead_letters`), what drafts showed of them is taken back
6. acknowledge  the transport counts the chunk as done
7. commit       on a timer: the end of the longest acknowledged prefix of the partition

Steps 3 and 4 are idempotent and independent of order, so a crash between any two only means doing some of them again.
Step 4 runs even when step 3 found nothing newer: the chunk may be a redelivery after a crash between the two.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Container, Iterable, Sequence
from itertools import chain
from typing import Any, Final

import structlog
from pymongo.asynchronous.client_session import AsyncClientSession

from cdc_consumer import metrics
from cdc_consumer.coalesce import Chunk, coalesce
from cdc_consumer.crash_points import reach
from cdc_consumer.drafts.back import TakingBack
from cdc_consumer.envelope import Change, Key, Row
from cdc_consumer.fan_out import FanOut
from cdc_consumer.materialise import NO_ROWS, UNIT, Materialiser, Rows
from cdc_consumer.mirror import Mirrors, Written
from cdc_consumer.mongo import Client
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.version import Version

PROGRESS_EVERY: Final = 2.0  # seconds between log lines of a long fan-out
Said = tuple[str, Iterable[tuple[Key, Row]], Container[Key]]  # a table, images of its rows, keys of rows that are as they were
log = structlog.get_logger()


class TooWide(Exception):  # noqa: N818 - says what it is
    """The changes show in more documents than were allowed; their rows are mirrored."""


class ChunkApplier:
    """Applies decoded chunks: steps 3 and 4."""

    def __init__(self, client: Client, mirrors: Mirrors, fan_out: FanOut, materialiser: Materialiser, back: TakingBack) -> None:
        self._client = client
        self._mirrors = mirrors
        self._fan_out = fan_out
        self._materialiser = materialiser
        self._back = back

    async def apply(self, changes: Sequence[Change], most: int | None = None) -> None:
        """Apply changes: those of one partition in the order of their offsets, of different partitions in any.

        Raises Poison for a change that can never be applied, TooWide when they show in more than `most` documents, and whatever MongoDB
        raises.
        """
        await reach("after_fetch")
        chunks = [coalesce(table, some) for table, some in _by_table(changes)]
        async with self._client.start_session(causal_consistency=True) as session:
            await self._apply(chunks, session, most)

    async def take_back(self, changes: Sequence[Change]) -> None:
        """What drafts showed of changes that are parked goes again."""
        await self._back.parked(changes)

    async def let_go(self, changes: Sequence[Change]) -> None:
        """These changes were parked, and will never be applied."""
        await self._back.discarded(changes)

    async def sweep(self, table: str, floor: Version, spare: Container[Key]) -> int:
        """Bury what is older than the floor, but for the keys to `spare`, and rewrite the documents it was part of; how many rows.

        To be called when everything that a snapshot read has been applied: what is older was not there to be read. Idempotent; one that
        was interrupted is simply called again.
        """
        async with self._client.start_session(causal_consistency=True) as session:
            buried = await self._sink(table, floor, session, spare)
            await self._back.swept(table, floor, spare, session)
            await self._mirrors.floors.mark_swept(table, floor, session)
        return buried

    async def _sink(self, table: str, floor: Version, session: AsyncClientSession, spare: Container[Key] = ()) -> int:
        count = 0
        async for buried, live in self._mirrors.floors.sink(table, floor, session, spare):
            await self._materialise([(table, buried, ())], session, NO_ROWS)
            count += live
        return count

    async def _apply(self, chunks: Sequence[Chunk], session: AsyncClientSession, most: int | None = None) -> None:
        with metrics.STEP.labels("mirror").time():
            written = await self._mirror(chunks, session)
        for chunk, did in zip(chunks, written, strict=True):
            metrics.STALE.labels(metrics.table_label(chunk.table)).inc(did.stale)
        await reach("after_mirror")
        with metrics.STEP.labels("materialise").time():
            said = [(chunk.table, chain(chunk.images, did.images), did.same) for chunk, did in zip(chunks, written, strict=True)]
            await self._materialise(said, session, {chunk.table: chunk.rows for chunk in chunks}, most)
            for chunk, did in zip(chunks, written, strict=True):
                await self._mirrors.settle(chunk.table, did, session)
                if chunk.truncated:
                    await self._sink(chunk.table, chunk.truncated, session)
        await reach("after_materialise")

    async def _mirror(self, chunks: Sequence[Chunk], session: AsyncClientSession) -> list[Written]:
        """Write chunks of different tables side by side; what the session reads later is not older than any of it."""
        if len(chunks) == 1:
            return [await self._mirrors.write(chunks[0], session)]

        async def write(chunk: Chunk) -> Written:
            async with self._client.start_session(causal_consistency=True) as own:
                written = await self._mirrors.write(chunk, own)
                if own.cluster_time and own.operation_time:
                    session.advance_cluster_time(own.cluster_time)
                    session.advance_operation_time(own.operation_time)
                return written

        done = await asyncio.gather(*map(write, chunks), return_exceptions=True)  # all have ended when one failed
        for one in done:
            if isinstance(one, BaseException):
                raise one
        return [one for one in done if not isinstance(one, BaseException)]

    async def _materialise(self, changed: Iterable[Said], session: AsyncClientSession, rows: Rows, most: int | None = None) -> None:
        """Write each document that any image is part of, once. `rows` are those that changed."""
        touched: dict[str, tuple[Document, list[Any]]] = {}
        for table, images, same in changed:
            for name, (document, ids) in (await self._fan_out.touched(table, images, session, same)).items():
                before = touched.get(name)
                touched[name] = document, sorted({*before[1], *ids}) if before else ids
        total = sum(len(ids) for _, ids in touched.values())
        if most is not None and total > most:
            raise TooWide(f"{total} documents")
        done, said = 0, time.monotonic()
        metrics.FAN_OUT.inc(total)
        try:
            for document, ids in touched.values():
                for i in range(0, len(ids), UNIT):
                    unit = ids[i : i + UNIT]
                    await self._materialiser.unit(document, unit, session, rows)
                    done += len(unit)
                    metrics.FAN_OUT.dec(len(unit))
                    if done < total and time.monotonic() - said > PROGRESS_EVERY:
                        said = time.monotonic()
                        log.info("fan_out_progress", collection=document.collection, done=done, total=total)
        finally:
            metrics.FAN_OUT.dec(total - done)


def _by_table(changes: Iterable[Change]) -> Iterable[tuple[str, list[Change]]]:
    tables: dict[str, list[Change]] = {}
    for change in changes:
        tables.setdefault(change.table, []).append(change)
    return tables.items()
