"""Writes of users. SQL only; the caller owns the transaction."""

from __future__ import annotations

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from api import trace
from api.models import User
from api.problems import DuplicateEmail, UnknownId, UserOwnsItems
from api.sql import violations
from api.users.schemas import UserIn, UserOut


def _taken(body: UserIn) -> dict[str, DuplicateEmail]:
    return {"users_email_key": DuplicateEmail(f"Another user has the email {body.email}.")}


async def create(session: AsyncSession, body: UserIn) -> UserOut:
    """The new user. Raises DuplicateEmail."""
    with violations(_taken(body)):
        user = await session.scalar(insert(User).values(**body.model_dump(), traceparent=trace.for_row()).returning(User))
    return UserOut.model_validate(user)


async def replace(session: AsyncSession, user_id: int, body: UserIn) -> UserOut:
    """The user as it is now. Raises UnknownId, DuplicateEmail."""
    statement = update(User).where(User.id == user_id).values(**body.model_dump(), traceparent=trace.for_row()).returning(User)
    with violations(_taken(body)):
        user = await session.scalar(statement, execution_options={"synchronize_session": False})
    if user is None:
        raise UnknownId(f"There is no user {user_id}.")
    return UserOut.model_validate(user)


async def remove(session: AsyncSession, user_id: int) -> None:
    """Deletes the user. Raises UnknownId, UserOwnsItems."""
    statement = delete(User).where(User.id == user_id).returning(User.id)
    with violations({"items_owner_id_fkey": UserOwnsItems(f"User {user_id} still owns items.")}):
        found = await session.scalar(statement, execution_options={"synchronize_session": False})
    if found is None:
        raise UnknownId(f"There is no user {user_id}.")
