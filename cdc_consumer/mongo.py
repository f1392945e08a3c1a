"""The connection to MongoDB, and transactions that retry themselves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, TypeVar

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.monitoring import TopologyListener
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from cdc_consumer import abandoned, metrics
from cdc_consumer.readmodel.codec import CODEC

Database: TypeAlias = AsyncDatabase[dict[str, Any]]
Client: TypeAlias = AsyncMongoClient[dict[str, Any]]
T = TypeVar("T")

DUPLICATE_KEY: Final = 11000
ATTEMPTS: Final = 50  # of one transaction before the whole chunk backs off and starts again
MAJORITY: Final = WriteConcern("majority")


def connect(uri: str, *listeners: TopologyListener) -> Client:
    """A client for the running event loop; it connects when first used. `listeners` hear of servers that come and go.

    Server selection gives up after 3 s, so that an outage shows as one, and any operation after 20 s. The driver's monitor
    gives up a primary that is there and says nothing after 6 s (heartbeat and time to connect).
    """
    return AsyncMongoClient(
        uri,
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=3000,
        heartbeatFrequencyMS=3000,
        timeoutMS=20_000,
        appname="cdc-worker",
        retryWrites=True,
        event_listeners=listeners,
    )


def database(client: Client, name: str) -> Database:
    """A database whose writes wait for the majority and whose values follow the read model's codec."""
    return client.get_database(name, codec_options=CODEC, write_concern=MAJORITY)


async def transaction(session: AsyncClientSession, work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` in a snapshot transaction of the session and commit it with majority; retry when it conflicts.

    The session is causally consistent: the snapshot includes everything the session has written before.
    Raises the server's error after ATTEMPTS conflicts, or at once when it is not a conflict.
    """
    for attempt in range(ATTEMPTS):
        await abandoned.end(session)
        await session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=MAJORITY)
        try:
            result = await work()
            await _commit(session)
        except PyMongoError as error:
            abandoned.note(session, error)
            if session.in_transaction:
                await session.abort_transaction()
            if attempt == ATTEMPTS - 1 or not _conflict(error):
                raise
            metrics.CONFLICTS.inc()
            await asyncio.sleep(random.uniform(0, min(0.2, 0.002 * 2**attempt)))  # noqa: S311 - jitter, not a secret
        except BaseException as error:
            abandoned.note(session, error)
            if session.in_transaction:
                await session.abort_transaction()
            raise
        else:
            return result
    raise AssertionError("unreachable")


async def _commit(session: AsyncClientSession) -> None:
    for last in (False, False, True):
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if last or not error.has_error_label("UnknownTransactionCommitResult"):
                raise
        else:
            return


def _conflict(error: PyMongoError) -> bool:
    if error.has_error_label("TransientTransactionError") and isinstance(error, OperationFailure | BulkWriteError):
        return True
    # Two transactions that both insert a document for the same new id: the later one finds it already there.
    if isinstance(error, BulkWriteError):
        return all(e["code"] == DUPLICATE_KEY for e in error.details["writeErrors"])
    return isinstance(error, OperationFailure) and error.code == DUPLICATE_KEY
