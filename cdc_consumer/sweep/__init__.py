"""Removing what a snapshot did not find: rows that were deleted while nobody captured.

A snapshot only ever says what is there. So when everything it read has been applied, every mirrored row that is older than the snapshot
was not there to be read: it is an orphan, and is buried below the table's floor (`floors`), where no replay brings it back.

1. wait       until the workers have applied everything that is on the topics now (`caught_up`)
2. sweep      bury what is older than the floor and rewrite the documents it was part of (`chunks.ChunkApplier.sweep`)

Keys with parked records are left alone: their newest state may be among the dead letters.

The floor is Version(epoch, 0, 0) after an initial snapshot, which has an epoch of its own, and Version(epoch, LSN, 0) after an incremental
one that was signalled at this LSN: everything it read, and everything streamed meanwhile, is newer (docs/decisions/0004-sweep.md).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pymongo.errors import PyMongoError

from cdc_consumer.dead_letters.parked import Parked
from cdc_consumer.envelope import Key, key_of
from cdc_consumer.floors import Floors
from cdc_consumer.mongo import connect, database
from cdc_consumer.pipeline import applier
from cdc_consumer.poison import Poison
from cdc_consumer.readmodel.documents import load
from cdc_consumer.readmodel.routes import topic_of
from cdc_consumer.settings import Settings
from cdc_consumer.sweep.caught_up import SweepError, wait_applied
from cdc_consumer.version import Version

__all__ = ["SweepError", "Swept", "current_floors", "sweep"]


@dataclass(frozen=True)
class Swept:
    """What a sweep did, by table: orphans buried, and keys left alone because records of theirs are parked."""

    buried: Mapping[str, int]
    spared: Mapping[str, int]


def sweep(settings: Settings, floors: Mapping[str, Version], *, seconds: float, say: Callable[[str], None]) -> Swept:
    """Bury every row of these tables that is older than its table's floor, once the workers have caught up.

    Idempotent: one that was interrupted is called again. Raises SweepError when the workers do not catch up within `seconds`, or
    MongoDB or Kafka does not answer.
    """
    wait_applied(settings.broker, settings.group, [topic_of(settings.topic_prefix, table) for table in floors], seconds, say)
    try:
        return asyncio.run(_sweep(settings, floors, say))
    except PyMongoError as error:
        raise SweepError(f"MongoDB: {error}", "See whether it runs with `make status`, then sweep again.") from error


def current_floors(settings: Settings) -> Mapping[str, Version]:
    """For each table the floor below which nothing is alive any more. Raises SweepError when MongoDB does not answer."""

    async def ask() -> Mapping[str, Version]:
        client = connect(settings.mongo_uri)
        try:
            return await Floors(database(client, settings.mongo_db), settings.tombstone_ttl).swept()
        finally:
            await client.close()

    try:
        return asyncio.run(ask())
    except PyMongoError as error:
        raise SweepError(f"MongoDB: {error}", "See whether it runs with `make status`.") from error


async def _sweep(settings: Settings, floors: Mapping[str, Version], say: Callable[[str], None]) -> Swept:
    client = connect(settings.mongo_uri)
    try:
        apply = applier(client, settings, load(settings.documents))
        parked = Parked(database(client, settings.mongo_db))
        buried, spared = {}, {}
        for table, floor in floors.items():
            topic = topic_of(settings.topic_prefix, table)
            spare = _keys(topic, await parked.lanes(topic))
            buried[table], spared[table] = await apply.sweep(table, floor, spare), len(spare)
            say(f"{table}: {buried[table]:,} orphans removed" + (f", {len(spare)} parked keys left alone" if spare else ""))
        return Swept(buried, spared)
    finally:
        await client.close()


def _keys(topic: str, lanes: set[str]) -> set[Key]:
    """The row keys of parked lanes; a lane whose key is no row's is left out."""
    keys = set()
    for lane in lanes:
        with contextlib.suppress(Poison):
            keys.add(key_of(lane.removeprefix(f"{topic} ").encode()))
    return keys
