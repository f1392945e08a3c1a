"""Commands on a connection that stays checked out. For one thread.

The driver takes 0.7 ms for a command beside what the server takes, on an idle machine: it chooses a server, checks out a connection and
makes a session. Here that is less than 0.1 (docs/decisions/0024-tail.md). The connection, its authentication and TLS are the driver's
(pymongo 4.20.0, as pinned); a command's way over it is this file's: tried once, without a session. After an error it is closed, and the
next command asks the driver, who knows the primary, for another one.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.message import _op_msg
from pymongo.network_layer import receive_message

from cdc_consumer.readmodel.codec import CODEC


class Wire:
    """Sends commands to the primary."""

    def __init__(self, client: MongoClient[dict[str, Any]], name: str) -> None:
        """Of the database of this name."""
        self._client, self._name = client, name
        self._checkout: Any = None
        self._connection: Any = None

    def command(self, command: dict[str, Any], seconds: float) -> Mapping[str, Any]:
        """The reply to a command, which is given `$db` and the time it may take.

        Raises OSError (also TimeoutError), or PyMongoError, also for a reply that is not ok.
        """
        command["maxTimeMS"] = int(seconds * 1000)
        try:
            connection = self._connection or self._open()
            connection.set_conn_timeout(seconds)
            number, message, _, _ = _op_msg(0, command, self._name, None, CODEC, ctx=connection.compression_context)
            connection.conn.get_conn.sendall(message)
            return _ok(receive_message(connection, number).command_response(CODEC))
        except BaseException:
            self.close()
            raise

    def _open(self) -> Any:
        """Have the driver choose and connect. Raises its errors."""
        checkout = self._client._conn_for_writes(None, "update")  # noqa: SLF001 - the driver offers no connection
        self._connection, self._checkout = checkout.__enter__(), checkout
        return self._connection

    def close(self) -> None:
        """Close the connection, and give it back: an answer may still be on its way, and must not be taken for another's.

        Within an `except` clause the driver hears of the server's error, and does not choose it again when it is not the primary any more.
        """
        checkout, connection, self._checkout, self._connection = self._checkout, self._connection, None, None
        if connection:
            try:
                with contextlib.suppress(PyMongoError, OSError):
                    connection.close_conn(None)
            finally:
                with contextlib.suppress(PyMongoError, OSError):
                    checkout.__exit__(*sys.exc_info())


def _ok(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    failed = reply.get("writeConcernError") if reply.get("ok") else reply  # also when it is written and not by the majority
    if failed:
        raise OperationFailure(str(failed.get("errmsg")), failed.get("code"), dict(reply))
    return reply
