"""Commands on connections that stay checked out.

The driver takes 0.7 ms before it sends a command and 0.45 ms after the answer, on an idle machine: it chooses a server, checks out a
connection, makes a session and three tasks. Here that is 0.1 and 0.1 ms (docs/decisions/0023-handing-over.md). Connections, their
authentication and TLS are the driver's (pymongo 4.20.0, as pinned); a command's way over them is this file's: tried once, without a
session. After an error all that are free are closed, since what broke one has most likely broken them, and the next command asks the
driver, who knows the primary, for another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from typing import Any, Final

from pymongo.errors import OperationFailure, PyMongoError
from pymongo.message import _op_msg, _OpMsg

from cdc_consumer.mongo import Client, Database
from cdc_consumer.readmodel.codec import CODEC

LARGEST_REPLY: Final = 48 * 1024 * 1024


class Held:
    """A connection to the primary, checked out of the driver's pool."""

    def __init__(self, checkout: Any, connection: Any) -> None:
        self._checkout = checkout
        self._connection = connection

    @classmethod
    async def open(cls, client: Client) -> Held:
        """Have the driver choose and connect. Raises its errors."""
        checkout = await client._conn_for_writes(None, "update")  # noqa: SLF001 - the driver offers no connection
        return cls(checkout, await checkout.__aenter__())

    async def ask(self, database: str, command: dict[str, Any]) -> Mapping[str, Any]:
        """Send a command and wait for the reply, whatever it says."""
        number, message, _, _ = _op_msg(0, command, database, None, CODEC, ctx=self._connection.compression_context)
        protocol = self._connection.conn.get_conn
        await protocol.write(message)
        data, _ = await protocol.read(number, LARGEST_REPLY)
        return _OpMsg.unpack(data).command_response(CODEC)

    async def close(self) -> None:
        """Close it, and give it back: an answer may still be on its way, and must not be taken for another's.

        Within an `except` clause the driver hears of the error, and does not choose a server again that is not the primary any more.
        """
        try:
            with contextlib.suppress(PyMongoError, OSError):
                await self._connection.close_conn(None)
        finally:
            with contextlib.suppress(PyMongoError, OSError):
                await self._checkout.__aexit__(*sys.exc_info())


class Wire:
    """Sends commands to the primary. To be used in one event loop."""

    def __init__(self, db: Database) -> None:
        self._client: Client = db.client
        self._name = db.name
        self._free: list[Held] = []

    async def command(self, command: dict[str, Any], seconds: float) -> Mapping[str, Any]:
        """The reply to a command, which is given `$db` and the time it may take.

        Raises TimeoutError, OSError, or PyMongoError, also for a reply that is not ok.
        """
        command["maxTimeMS"] = int(seconds * 1000)
        async with asyncio.timeout(seconds):
            held = self._free.pop() if self._free else await Held.open(self._client)
            try:
                reply = _ok(await held.ask(self._name, command))
            except BaseException:
                self._free.append(held)
                await self.close()
                raise
            self._free.append(held)
            return reply

    async def close(self) -> None:
        """Close the free connections."""
        while self._free:
            await self._free.pop().close()


def _ok(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    if not reply.get("ok"):
        raise OperationFailure(str(reply.get("errmsg")), reply.get("code"), dict(reply))
    return reply
