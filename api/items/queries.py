"""Reads of items. MongoDB only."""

from __future__ import annotations

import re

from bson.decimal128 import Decimal128

from api import cursor, paging
from api.items.schemas import ItemOut, ItemPage, ItemParameters, OwnerOut
from api.mongo import LIVE, ReadModel, Row, reading
from api.problems import UnknownId
from cdc_consumer.readmodel.documents import ITEMS


def _item(row: Row) -> ItemOut:
    owner = row["owner"]
    return ItemOut(
        id=row["_id"],
        title=row["title"],
        description=row["description"],
        price=row["price"],
        status=row["status"],
        owner=OwnerOut(id=owner["id"], name=owner.get("name"), email=owner.get("email")),
        tags=sorted(tag["name"] for tag in row["tags"] if "name" in tag),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def search(text: str) -> str:
    """$text's search string for all of the words: quoted, since unquoted words mean any of them and `-` means not."""
    words = (re.sub(r"^\W+|\W+$", "", part) for part in re.split(r'[\s"\\]+', text))
    return " ".join(f'"{word}"' for word in words if word)


def conditions(parameters: ItemParameters) -> list[Row]:
    """The filter, one condition for each parameter that was given."""
    found: list[Row] = [LIVE]
    if parameters.owner is not None:
        found.append({"owner.id": parameters.owner})
    if parameters.tag is not None:
        found.append({"tags.name": parameters.tag})
    if parameters.status is not None:
        found.append({"status": parameters.status.value})
    bounds = {"$gte": parameters.min_price, "$lte": parameters.max_price}
    given = {bound: Decimal128(price) for bound, price in bounds.items() if price is not None}
    if given and parameters.cursor is None:  # the cursor of a price range says what is left of it
        found.append({"price": given})
    if parameters.text is not None:
        found.append({"$text": {"$search": search(parameters.text)}})
    return found


def order(parameters: ItemParameters) -> paging.Order:
    """A price range is read off the index on prices, in its order; everything else in the order of ids."""
    by_price = parameters.min_price is not None or parameters.max_price is not None
    return paging.cheapest_first(parameters.max_price) if by_price else paging.NEWEST_FIRST


async def one(db: ReadModel, item_id: int) -> ItemOut:
    """The item. Raises UnknownId, MongoUnavailable."""
    with reading():
        row = await db[ITEMS.collection].find_one({"_id": item_id, **LIVE})
    if row is None:
        raise UnknownId(f"There is no item {item_id}.")
    return _item(row)


async def page(db: ReadModel, parameters: ItemParameters) -> ItemPage:
    """A page of items. Raises MalformedCursor, CursorMismatch, MongoUnavailable."""
    of = cursor.list_hash("items", parameters.model_dump(exclude={"limit", "cursor"}))
    rows, following = await paging.read(db[ITEMS.collection], conditions(parameters), order(parameters), parameters, of)
    return ItemPage(items=[_item(row) for row in rows], next=following)
