"""Transactions whose end MongoDB may not have heard: the connection broke, or the worker stopped, before the abort arrived.

MongoDB keeps such a transaction, and its locks, for 60 s (transactionLifetimeLimitSeconds), and whoever writes the same documents meanwhile
meets a write conflict: a connection that was reset for a moment cost a minute. So their sessions are killed before the next transaction
begins; after an error of the connection the driver uses none of them again.
A worker that dies in the middle of one leaves its session unknown to everybody; there the 60 s stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import ConnectionFailure

_sessions: WeakKeyDictionary[AsyncMongoClient[Any], list[Mapping[str, Any]]] = WeakKeyDictionary()


def note(session: AsyncClientSession, error: BaseException) -> None:
    """Remembers the session's transaction if, after this error, the server may still have it open.

    Of what was cancelled the driver takes a commit for done that it has not sent.
    """
    if isinstance(error, ConnectionFailure | asyncio.CancelledError):
        _sessions.setdefault(session.client, []).append(session.session_id)


async def end_all(client: AsyncMongoClient[Any]) -> None:
    """Ends what was remembered of a client that nothing uses any more. Raises PyMongoError."""
    if ids := _sessions.pop(client, None):
        await client.admin.command("killSessions", ids)


async def end(session: AsyncClientSession) -> None:
    """Ends what was remembered, but for the session's own: its next transaction ends the one before.

    Raises PyMongoError, and then forgets nothing.
    """
    waiting = _sessions.get(session.client)
    if not waiting:
        return
    ids = list(waiting)
    if others := [lsid for lsid in ids if lsid != session.session_id]:
        await session.client.admin.command("killSessions", others)
    waiting[:] = [lsid for lsid in waiting if lsid not in ids]
