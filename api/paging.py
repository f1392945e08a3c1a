"""Pages of a collection by position: every page costs the same, and rows that come and go shift nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bson.decimal128 import Decimal128
from pymongo.asynchronous.collection import AsyncCollection

from api import cursor
from api.fields import MAX_ID, PRICE_TEXT, PageParameters, price_text
from api.mongo import Row, reading
from api.problems import MalformedCursor

Position = list[int | str]


@dataclass(frozen=True)
class Order:
    """A total order of a collection: its sort, the position of a row in it, and the filter for all rows behind a position.

    `behind` raises MalformedCursor for a position that no row can have.
    """

    sort: Sequence[tuple[str, int]]
    position: Callable[[Row], Position]
    behind: Callable[[Position], Row]


def _id(value: int | str) -> int:
    if not isinstance(value, int) or not 0 <= value <= MAX_ID:
        raise MalformedCursor("The cursor cannot be read.")
    return value


def _after_newest(position: Position) -> Row:
    match position:
        case [last]:
            return {"_id": {"$lt": _id(last)}}
        case _:
            raise MalformedCursor("The cursor cannot be read.")


# Ids are given out in ascending order, so the newest row has the highest.
NEWEST_FIRST = Order([("_id", -1)], lambda row: [row["_id"]], _after_newest)


def cheapest_first(up_to: Decimal | None) -> Order:
    """By price, then by id, of a list that ends at a price.

    The filter behind a position is the whole range that is left, in two parts that are each a range of the index, so that
    a page is merged from two scans. Given the range from the start as well, MongoDB would scan it from there.
    """

    def behind(position: Position) -> Row:
        match position:
            case [str(price), last] if PRICE_TEXT.fullmatch(price):
                exact = Decimal128(Decimal(price))
                higher = {"$gt": exact} if up_to is None else {"$gt": exact, "$lte": Decimal128(up_to)}
                return {"$or": [{"price": exact, "_id": {"$gt": _id(last)}}, {"price": higher}]}
            case _:
                raise MalformedCursor("The cursor cannot be read.")

    return Order([("price", 1), ("_id", 1)], lambda row: [price_text(row["price"]), row["_id"]], behind)


async def read(
    collection: AsyncCollection[Row], conditions: Sequence[Row], order: Order, parameters: PageParameters, of: str
) -> tuple[list[Row], str | None]:
    """The rows of a page, and the cursor of the next one if there is one.

    `of` is the hash of the list. Raises MalformedCursor, CursorMismatch, MongoUnavailable.
    """
    wanted = list(conditions)
    if parameters.cursor is not None:
        wanted.append(order.behind(cursor.decode(parameters.cursor, of)))
    with reading():
        # One row more than asked for tells whether another page follows.
        found = await collection.find({"$and": wanted}).sort(order.sort).limit(parameters.limit + 1).to_list()
    rows = found[: parameters.limit]
    more = len(found) > parameters.limit
    return rows, cursor.encode(order.position(rows[-1]), of) if more else None
