"""The requests whose plans are shown. Their values are taken from the data, so they fit any that is seeded."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from api.items.queries import search
from api.mongo import LIVE, ReadModel, Row
from cdc_consumer.readmodel.documents import ITEMS

LIMIT = 20
# A page takes LIMIT rows and one to see whether there are more; the rest is for tombstones between them.
PAGE = LIMIT + 1 + 10


@dataclass(frozen=True)
class Read:
    """A GET, the index it promises to use, and the most documents it may examine; None: see `mongo.explain`."""

    title: str
    path: str
    index: str | None
    examined: int | None
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    second_page: bool = False

    @property
    def is_list(self) -> bool:
        """Whether it is a page of a list."""
        return self.path.count("/") == 2


@dataclass(frozen=True)
class Sample:
    """An item of the data, and how many items share its values with it."""

    item_id: int
    owner: int
    tag: str
    status: str
    words: tuple[str, str]
    of_owner: int
    with_tag: int
    with_first_word: int
    with_any_word: int


async def sample(db: ReadModel) -> Sample | None:
    """An item that has an owner, a tag and at least two words; None when there is none."""
    items = db[ITEMS.collection]
    row = await items.find_one({"tags.0.name": {"$exists": True}, "title": {"$regex": r"^\w+ \w+"}, **LIVE})
    if row is None:
        return None
    first, second, *_ = row["title"].split()

    async def count(condition: Row) -> int:
        return await items.count_documents({**condition, **LIVE})

    return Sample(
        item_id=row["_id"],
        owner=row["owner"]["id"],
        tag=row["tags"][0]["name"],
        status=row["status"],
        words=(first, second),
        of_owner=await count({"owner.id": row["owner"]["id"]}),
        with_tag=await count({"tags.name": row["tags"][0]["name"]}),
        with_first_word=await count({"$text": {"$search": search(first)}}),
        with_any_word=await count({"$text": {"$search": f"{first} {second}"}}),
    )


def reads(one: Sample) -> list[Read]:
    """Every kind of read the API offers."""
    prices = {"min_price": "20.00", "max_price": "60.00"}
    items = "/v1/items"
    # All items with one of the words are looked at, and those with all of them a second time: that is how $text works.
    return [
        Read("An item", f"{items}/{one.item_id}", "_id_", 1),
        Read("A user", f"/v1/users/{one.owner}", "_id_", 1),
        Read("Users, first page", "/v1/users", "_id_", PAGE),
        Read("Users, second page", "/v1/users", "_id_", PAGE, second_page=True),
        Read("Items, first page", items, "_id_", PAGE),
        Read("Items, second page", items, "_id_", PAGE, second_page=True),
        Read("Items of an owner", items, "by_owner", PAGE, {"owner": one.owner}),
        Read("Items with a tag", items, "by_tag", PAGE, {"tag": one.tag}),
        Read("Items with a tag, second page", items, "by_tag", PAGE, {"tag": one.tag}, second_page=True),
        Read("Items in a status", items, "by_status", PAGE, {"status": one.status}),
        Read("Items in a status, second page", items, "by_status", PAGE, {"status": one.status}, second_page=True),
        Read("Items in a price range", items, "by_price", PAGE, prices),
        Read("Items in a price range, second page", items, "by_price", PAGE, prices, second_page=True),
        Read("Items by a word of the title", items, "by_title_words", 2 * one.with_first_word, {"text": one.words[0]}),
        Read("Items by two words of the title", items, "by_title_words", 2 * one.with_any_word, {"text": " ".join(one.words)}),
        Read("Items of an owner with a tag", items, None, one.of_owner, {"owner": one.owner, "tag": one.tag}),
        Read("Items with a tag in a status", items, None, one.with_tag, {"tag": one.tag, "status": one.status}),
        Read("Items with a tag in a price range", items, None, one.with_tag, {"tag": one.tag, **prices}),
        Read("Tags with their counts (cached for two seconds)", "/v1/tags", None, None),
    ]
