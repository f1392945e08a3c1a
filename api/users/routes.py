from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import problems
from api.deps import JsonBody, Read, Write
from api.fields import Id, PageParameters
from api.openapi import BODY, CURSOR, READ, WRITE, declare
from api.users import commands, queries
from api.users.schemas import UserIn, UserOut, UserPage

router = APIRouter(prefix="/v1/users", tags=["users"])


@router.get("", responses=declare(*READ, *CURSOR, problems.InvalidRequest))
async def list_users(read: Read, parameters: Annotated[PageParameters, Query()]) -> UserPage:
    """A page of users, newest first."""
    return await queries.page(read, parameters)


@router.post(
    "",
    status_code=201,
    dependencies=[JsonBody],
    responses=declare(*WRITE, *BODY, problems.InvalidRequest, problems.DuplicateEmail),
)
async def create_user(write: Write, body: UserIn, response: Response) -> UserOut:
    """Creates a user. The answer is the row as committed; reads show it once it has been replicated."""
    async with write.transaction() as session:
        user = await commands.create(session, body)
    response.headers["Location"] = f"/v1/users/{user.id}"
    return user


@router.get("/{user_id}", responses=declare(*READ, problems.UnknownId, problems.InvalidRequest))
async def get_user(read: Read, user_id: Id) -> UserOut:
    """One user."""
    return await queries.one(read, user_id)


@router.put(
    "/{user_id}",
    dependencies=[JsonBody],
    responses=declare(*WRITE, *BODY, problems.InvalidRequest, problems.UnknownId, problems.DuplicateEmail),
)
async def replace_user(write: Write, user_id: Id, body: UserIn) -> UserOut:
    """Replaces a user. The answer is the row as committed; the user's items show it once it has been replicated."""
    async with write.transaction() as session:
        return await commands.replace(session, user_id, body)


@router.delete(
    "/{user_id}",
    status_code=204,
    response_class=Response,  # without it 204 would declare a JSON body
    responses=declare(*WRITE, problems.UnknownId, problems.InvalidRequest, problems.UserOwnsItems),
)
async def delete_user(write: Write, user_id: Id) -> None:
    """Deletes a user who owns no items."""
    async with write.transaction() as session:
        await commands.remove(session, user_id)
