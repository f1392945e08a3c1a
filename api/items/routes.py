from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import problems
from api.deps import JsonBody, Read, Write
from api.fields import Id
from api.items import commands, queries
from api.items.schemas import ItemIn, ItemOut, ItemPage, ItemParameters
from api.openapi import BODY, CURSOR, READ, WRITE, declare

router = APIRouter(prefix="/v1/items", tags=["items"])


@router.get("", responses=declare(*READ, *CURSOR, problems.InvalidRequest))
async def list_items(read: Read, parameters: Annotated[ItemParameters, Query()]) -> ItemPage:
    """A page of items: newest first, with a price range cheapest first."""
    return await queries.page(read, parameters)


@router.post(
    "",
    status_code=201,
    dependencies=[JsonBody],
    responses=declare(*WRITE, *BODY, problems.InvalidRequest, problems.UnknownOwner),
)
async def create_item(write: Write, body: ItemIn, response: Response) -> ItemOut:
    """Creates an item and the tags that do not exist yet. The answer is the row as committed; reads show it once it has been replicated."""
    async with write.transaction() as session:
        item = await commands.create(session, body)
    response.headers["Location"] = f"/v1/items/{item.id}"
    return item


@router.get("/{item_id}", responses=declare(*READ, problems.UnknownId, problems.InvalidRequest))
async def get_item(read: Read, item_id: Id) -> ItemOut:
    """One item."""
    return await queries.one(read, item_id)


@router.put(
    "/{item_id}",
    dependencies=[JsonBody],
    responses=declare(*WRITE, *BODY, problems.InvalidRequest, problems.UnknownId, problems.UnknownOwner),
)
async def replace_item(write: Write, item_id: Id, body: ItemIn) -> ItemOut:
    """Replaces an item and its tags. The answer is the row as committed; reads show it once it has been replicated."""
    async with write.transaction() as session:
        return await commands.replace(session, item_id, body)


@router.delete(
    "/{item_id}",
    status_code=204,
    response_class=Response,  # without it 204 would declare a JSON body
    responses=declare(*WRITE, problems.UnknownId, problems.InvalidRequest),
)
async def delete_item(write: Write, item_id: Id) -> None:
    """Deletes an item."""
    async with write.transaction() as session:
        await commands.remove(session, item_id)
