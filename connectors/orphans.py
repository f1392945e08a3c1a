"""After an initial snapshot: rows that it did not see were deleted while nobody captured, and are buried (cdc_consumer.sweep).

Everything older than the snapshot goes. A snapshot that was interrupted, by a crash of Connect, is taken again in the same epoch, and rows
deleted between the two attempts are in the first one alone; so the floor lies just below the last attempt, not below the epoch. Rows of
initial snapshots have c = 0, and all rows of one attempt have the same LSN (docs/decisions/0003-gaps.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from cdc_consumer.readmodel.declare import mirror_name
from cdc_consumer.readmodel.documents import load
from cdc_consumer.readmodel.routes import captured_tables
from cdc_consumer.settings import Settings
from cdc_consumer.sweep import SweepError, current_floors, sweep
from cdc_consumer.version import Version
from connectors.errors import OrphansError

NOTHING = Version(0, 0, 0)
MILLISECONDS = 10_000


def swept(floors: Mapping[str, Version], tables: Iterable[str], floor: Version) -> bool:
    """Whether every table has been swept up to the floor."""
    return all(floors.get(table, NOTHING) >= floor for table in tables)


def below_last_attempt(settings: Settings, epoch: int) -> Version:
    """The highest version that is older than the epoch's last initial snapshot, as far as its rows have arrived. Raises PyMongoError."""
    tables = captured_tables(load(settings.documents))
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        settings.mongo_uri, serverSelectionTimeoutMS=MILLISECONDS, connectTimeoutMS=MILLISECONDS, socketTimeoutMS=60_000
    )
    with client:
        mirrors = (client[settings.mongo_db][mirror_name(table)] for table in tables)
        found = (mirror.find_one({"_v.e": epoch, "_v.c": 0}, {"_v": 1}, sort=[("_v.l", -1)]) for mirror in mirrors)
        last = max((int(row["_v"]["l"]) for row in found if row), default=1)
        return Version(epoch, 0, last - 1)  # a sweep buries the floor itself too


def sweep_orphans(settings: Settings, epoch: int, *, seconds: float, say: Callable[[str], None]) -> dict[str, int]:
    """Rows buried by table, once everything on the topics is applied and swept; empty when it was swept before.

    Repeats until a sweep, which waits for the topics, has seen no newer attempt than it was given. Raises OrphansError.
    """
    tables, buried = captured_tables(load(settings.documents)), dict[str, int]()
    try:
        floor = below_last_attempt(settings, epoch)
        while not swept(current_floors(settings), tables, floor):
            done = sweep(settings, dict.fromkeys(tables, floor), seconds=seconds, say=say)
            for table, rows in done.buried.items():
                buried[table] = buried.get(table, 0) + rows
            floor = below_last_attempt(settings, epoch)
    except SweepError as error:
        raise OrphansError(f"Rows deleted before the snapshot are not removed yet: {error}", error.next_step) from error
    except PyMongoError as error:
        raise OrphansError(
            f"Rows deleted before the snapshot are not removed yet: MongoDB: {error}", "Is MongoDB running (`make status`)?"
        ) from error
    return buried
