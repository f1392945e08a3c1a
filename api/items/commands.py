"""Writes of items. SQL only; the caller owns the transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api import trace
from api.items.schemas import ItemIn, ItemOut, OwnerOut, Status
from api.models import Item, User
from api.problems import UnknownId, UnknownOwner
from api.sql import violations
from api.tags.commands import set_tags


def _columns(body: ItemIn) -> dict[str, Any]:
    return body.model_dump(exclude={"tags"}) | {"traceparent": trace.for_row()}


def _unknown_owner(body: ItemIn) -> dict[str, UnknownOwner]:
    errors = [{"in": "body", "pointer": "/owner_id", "code": "unknown_owner", "detail": "no user has this id"}]
    return {"items_owner_id_fkey": UnknownOwner(f"There is no user {body.owner_id}.", errors=errors)}


async def _written(session: AsyncSession, item: Item, tags: list[str]) -> ItemOut:
    owner = (await session.execute(select(User.id, User.name, User.email).where(User.id == item.owner_id))).one()
    return ItemOut(
        id=item.id,
        title=item.title,
        description=item.description,
        price=item.price,
        status=Status(item.status),
        owner=OwnerOut(id=owner.id, name=owner.name, email=owner.email),
        tags=tags,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


async def create(session: AsyncSession, body: ItemIn) -> ItemOut:
    """The new item. Raises UnknownOwner."""
    with violations(_unknown_owner(body)):
        item = (await session.scalars(insert(Item).values(_columns(body)).returning(Item))).one()
    await set_tags(session, item.id, body.tags)
    return await _written(session, item, body.tags)


async def replace(session: AsyncSession, item_id: int, body: ItemIn) -> ItemOut:
    """The item as it is now. Raises UnknownId, UnknownOwner."""
    statement = update(Item).where(Item.id == item_id).values(_columns(body)).returning(Item)
    with violations(_unknown_owner(body)):
        item = await session.scalar(statement, execution_options={"synchronize_session": False})
    if item is None:
        raise UnknownId(f"There is no item {item_id}.")
    # Two who replace the same item wait for each other at the update above, so nobody changes the tags meanwhile.
    await set_tags(session, item.id, body.tags)
    return await _written(session, item, body.tags)


async def remove(session: AsyncSession, item_id: int) -> None:
    """Deletes the item with its links to tags. Raises UnknownId."""
    statement = delete(Item).where(Item.id == item_id).returning(Item.id)
    if await session.scalar(statement, execution_options={"synchronize_session": False}) is None:
        raise UnknownId(f"There is no item {item_id}.")
