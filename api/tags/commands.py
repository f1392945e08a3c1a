"""Writes of tags. SQL only; tags come into being with the items that carry them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.models import ItemTag, Tag


async def _known(session: AsyncSession, names: Collection[str]) -> dict[str, int]:
    rows = await session.execute(select(Tag.name, Tag.id).where(Tag.name.in_(sorted(names))))
    return dict(rows.all())


async def ensure(session: AsyncSession, names: Collection[str]) -> dict[str, int]:
    """Ids by name, of tags that exist or are created now."""
    found = await _known(session, names) if names else {}
    missing = sorted(set(names) - found.keys())  # sorted: two requests take their locks in the same order
    if missing:
        rows = [{"name": name} for name in missing]
        await session.execute(insert(Tag).values(rows).on_conflict_do_nothing(index_elements=["name"]))
        # What somebody else inserted meanwhile was waited for; a new statement sees it, RETURNING would not.
        found |= await _known(session, missing)
    return found


async def set_tags(session: AsyncSession, item_id: int, names: Collection[str]) -> None:
    """Makes these the tags of the item. Links that stay are not touched: each one touched is an event to replicate."""
    wanted = set((await ensure(session, names)).values())
    linked = set(await session.scalars(select(ItemTag.tag_id).where(ItemTag.item_id == item_id)))
    if linked - wanted:
        await session.execute(delete(ItemTag).where(ItemTag.item_id == item_id, ItemTag.tag_id.in_(sorted(linked - wanted))))
    if wanted - linked:
        rows = [{"item_id": item_id, "tag_id": tag_id} for tag_id in sorted(wanted - linked)]
        await session.execute(insert(ItemTag).values(rows))
