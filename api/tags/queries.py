"""Reads of tags. MongoDB only, with a cache in front."""

from __future__ import annotations

from bisect import bisect_right

from pydantic import TypeAdapter

from api import cursor
from api.cache import Cache
from api.fields import PageParameters
from api.mongo import LIVE, ReadModel, Row, reading
from api.problems import MalformedCursor
from api.tags.schemas import TagCount, TagPage
from cdc_consumer.readmodel.documents import ITEMS

KEY = "api:tags:1"
COUNTS = TypeAdapter(list[TagCount])

# Counting reads every item, hence the cache: no index covers an array. A tag without a name has not arrived yet.
PIPELINE: list[Row] = [
    {"$match": LIVE},
    {"$project": {"tags.name": 1}},
    {"$unwind": "$tags"},
    {"$match": {"tags.name": {"$type": "string"}}},
    {"$group": {"_id": "$tags.name", "items": {"$sum": 1}}},
    {"$sort": {"_id": 1}},
]


async def counts(db: ReadModel, cache: Cache, cache_s: int) -> list[TagCount]:
    """All tags in the order of their names, counted at most `cache_s` seconds ago. Raises MongoUnavailable."""
    kept = await cache.get(KEY)
    if kept is not None:
        return COUNTS.validate_json(kept)
    with reading():
        rows = await (await db[ITEMS.collection].aggregate(PIPELINE)).to_list()
    found = [TagCount(name=row["_id"], items=row["items"]) for row in rows]
    await cache.put(KEY, COUNTS.dump_json(found), cache_s)
    return found


async def page(db: ReadModel, cache: Cache, cache_s: int, parameters: PageParameters) -> TagPage:
    """A page of tags. Raises MalformedCursor, CursorMismatch, MongoUnavailable."""
    of = cursor.list_hash("tags", {})
    after = ""
    if parameters.cursor is not None:
        match cursor.decode(parameters.cursor, of):
            case [str(after)]:
                pass
            case _:
                raise MalformedCursor("The cursor cannot be read.")
    found = await counts(db, cache, cache_s)
    # By bytes of UTF-8, the order that MongoDB sorts in; code points have the same order.
    start = bisect_right(found, after, key=lambda tag: tag.name)
    rows = found[start : start + parameters.limit]
    more = start + parameters.limit < len(found)
    return TagPage(items=rows, next=cursor.encode([rows[-1].name], of) if more else None)
