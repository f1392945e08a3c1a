"""Reads of users. MongoDB only."""

from __future__ import annotations

from api import cursor, paging
from api.fields import PageParameters
from api.mongo import LIVE, ReadModel, Row, reading
from api.problems import UnknownId
from api.users.schemas import UserOut, UserPage
from cdc_consumer.readmodel.documents import USERS


def _user(row: Row) -> UserOut:
    return UserOut(id=row["_id"], name=row["name"], email=row["email"], created_at=row["created_at"], updated_at=row["updated_at"])


async def one(db: ReadModel, user_id: int) -> UserOut:
    """The user. Raises UnknownId, MongoUnavailable."""
    with reading():
        row = await db[USERS.collection].find_one({"_id": user_id, **LIVE})
    if row is None:
        raise UnknownId(f"There is no user {user_id}.")
    return _user(row)


async def page(db: ReadModel, parameters: PageParameters) -> UserPage:
    """A page of users, newest first. Raises MalformedCursor, CursorMismatch, MongoUnavailable."""
    of = cursor.list_hash("users", {})
    rows, following = await paging.read(db[USERS.collection], [LIVE], paging.NEWEST_FIRST, parameters, of)
    return UserPage(items=[_user(row) for row in rows], next=following)
