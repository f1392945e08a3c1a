"""The read database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import structlog
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, ExecutionTimeout, OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern

from api.problems import MongoUnavailable
from api.settings import Settings
from cdc_consumer.readmodel.codec import CODEC

Row: TypeAlias = dict[str, Any]
ReadModel: TypeAlias = AsyncDatabase[Row]

log = structlog.get_logger("api")

# The worker owns the collections and may be making or replacing them: an index is not there yet (27), a collection
# was dropped beneath a query (175) or beneath its cursor (43). Waiting helps.
BEING_MADE = frozenset({27, 43, 175})

# Removed documents stay for a while as tombstones.
LIVE: Row = {"_deleted": {"$ne": True}}


def make_client(settings: Settings, listeners: Sequence[CommandListener] = ()) -> AsyncMongoClient[Row]:
    """The client. Connects at first use; no operation takes longer than mongo_timeout_s. Listeners are told every command.

    A primary that is there and says nothing is asked for no more once a heartbeat has failed, and another is looked for.
    """
    timeout_ms = int(settings.mongo_timeout_s * 1000)
    return AsyncMongoClient(
        settings.mongo_uri.get_secret_value(),
        appname="api",
        timeoutMS=timeout_ms,
        serverSelectionTimeoutMS=timeout_ms,
        connectTimeoutMS=timeout_ms,
        heartbeatFrequencyMS=3000,
        maxPoolSize=settings.mongo_pool_size,
        event_listeners=listeners,
    )


def read_model(client: AsyncMongoClient[Row], name: str) -> ReadModel:
    """The database, decoded with the read model's codec. Majority: what was answered is never rolled back."""
    return client.get_database(name, codec_options=CODEC, read_concern=ReadConcern("majority"))


def _unavailable(error: PyMongoError) -> bool:
    if isinstance(error, (ConnectionFailure, ExecutionTimeout)) or error.timeout:
        return True
    return isinstance(error, OperationFailure) and error.code in BEING_MADE


@contextmanager
def reading() -> Iterator[None]:
    """Raises MongoUnavailable for what time heals; errors that are our own mistake go on as they are."""
    try:
        yield
    except PyMongoError as error:
        if not _unavailable(error):
            raise
        log.warning("mongo_unavailable", error=str(error))
        raise MongoUnavailable("MongoDB did not answer in time.") from error


async def ping(database: ReadModel) -> None:
    """Proves that there is a primary. Raises MongoUnavailable."""
    with reading():
        await database.command("ping")
