"""What the validator costs: item documents through the Materialiser, with and without it, in turns of one run.

`make up`, then `python -m stack exec -- python -m tests.integration.cdc_consumer.measure_validator`: seconds of each turn, for documents
that are inserted and for the same ones replaced, and documents a second over all turns.
"""

from __future__ import annotations

import asyncio
import sys
import time

from cdc_consumer.collections import ensure
from cdc_consumer.materialise import UNIT, Materialiser
from cdc_consumer.mongo import Database, connect, database
from cdc_consumer.readmodel.documents import DOCUMENTS, ITEMS
from cdc_consumer.schemas import agree
from cdc_consumer.settings import Settings

ITEM_COUNT, TAG_COUNT, TURNS = 20_000, 50, 3
NAME = "measure_validator"
VERSION = {"e": 1, "c": 1, "l": 1}


async def mirrors(db: Database) -> None:
    """Rows as the seeder makes them: 20 tags a hundred items, an owner for ten."""
    moment = "2024-05-01T10:00:00.123Z"
    times = {"created_at": moment, "updated_at": moment, "_v": VERSION}
    await db["mirror_users"].insert_many(
        {"_id": n, "id": n, "name": f"User {n}", "email": f"user{n}@example.org", **times} for n in range(ITEM_COUNT // 10)
    )
    await db["mirror_tags"].insert_many({"_id": n, "id": n, "name": f"tag{n}", "_v": VERSION} for n in range(TAG_COUNT))
    item = {"description": "A thing of which there are many. " * 8, "price": "12.50", "status": "active", **times}
    await db["mirror_items"].insert_many(
        {"_id": n, "id": n, "owner_id": n // 10, "title": f"Item {n} of many", **item} for n in range(ITEM_COUNT)
    )
    links = [(n, (n + k) % TAG_COUNT) for n in range(ITEM_COUNT) for k in range(2)]
    await db["mirror_item_tags"].insert_many(
        {"_id": {"item_id": i, "tag_id": t}, "item_id": i, "tag_id": t, "_v": VERSION} for i, t in links
    )


async def load(db: Database) -> float:
    """Seconds to build and write every item."""
    materialiser, start = Materialiser(db, Settings().tombstone_ttl), time.perf_counter()
    async with db.client.start_session(causal_consistency=True) as session:
        for first in range(0, ITEM_COUNT, UNIT):
            written = await materialiser.unit(ITEMS, range(first, first + UNIT), session)
            assert written == UNIT
    return time.perf_counter() - start


async def main() -> None:
    """Print a line for each turn and the sums."""
    client = connect(Settings().mongo_uri)
    db = database(client, NAME)
    try:
        await client.drop_database(NAME)
        await ensure(db, DOCUMENTS)
        await mirrors(db)
        await load(db)  # warm up
        total: dict[tuple[bool, str], float] = {}
        for turn in range(TURNS * 2):
            checked = turn % 2 == 0
            if checked:
                await agree(db, ITEMS)
            else:
                await db.command({"collMod": ITEMS.collection, "validator": {}})
            await db[ITEMS.collection].delete_many({})
            for what in ("insert", "replace"):
                seconds = await load(db)
                total[checked, what] = total.get((checked, what), 0) + seconds
                sys.stdout.write(f"{'with' if checked else 'without':<8} {what:<8} {seconds:6.2f} s\n")
        for (checked, what), seconds in sorted(total.items()):
            rate = TURNS * ITEM_COUNT / seconds
            sys.stdout.write(f"{'with' if checked else 'without':<8} {what:<8} {rate:8,.0f} documents/s\n")
    finally:
        await client.drop_database(NAME)
        await client.close()


if __name__ == "__main__":
    asyncio.run(main())
