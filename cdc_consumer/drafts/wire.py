"""Commands on a connection that stays checked out. For one thread.

The driver takes 0.7 ms for a command beside what the server takes, on an idle machine: it chooses a server, checks out a connection and
makes a session. Here that is less than 0.1 (docs/decisions/0024-tail.md). The connection, its authentication and TLS are the driver's
(pymongo 4.20.0, as pinned); a command's way over it is this file's: tried once, without a session. After an error it is closed, and the
next command asks the driver, who knows the primary, for another one.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.message import _op_msg
from pymongo.network_layer import receive_message

from cdc_consumer.readmodel.codec import CODEC

SOON: Final = 0.001  # seconds for a reply that is late: a socket takes 0 for never


class Wire:
    """Sends commands to the primary."""

    def __init__(self, client: MongoClient[dict[str, Any]], name: str) -> None:
        """Of the database of this name."""
        self._client, self._name = client, name
        self._checkout: Any = None
        self._connection: Any = None
        self._number = 0  # of the command that was sent last
        self._until = 0.0  # when its reply must be here, monotonic

    def command(self, command: dict[str, Any], seconds: float) -> Mapping[str, Any]:
        """The reply to a command, which is given `$db` and the time it may take.

        Raises OSError (also TimeoutError), or PyMongoError, also for a reply that is not ok.
        """
        self.send(command, seconds)
        return self.receive()

    def send(self, command: dict[str, Any], seconds: float) -> None:
        """Send it only; `receive` is to be called before the next. Raises as `command`."""
        command["maxTimeMS"] = int(seconds * 1000)
        with self._closed_by_errors():
            connection = self._connection or self._open()
            connection.set_conn_timeout(seconds)
            self._number, message, _, _ = _op_msg(0, command, self._name, None, CODEC, ctx=connection.compression_context)
            connection.conn.get_conn.sendall(message)
            self._until = time.monotonic() + seconds

    def ready(self) -> bool:
        """Whether `receive` need not wait for the server."""
        with self._closed_by_errors():
            sock = self._connection.conn.get_conn
            return time.monotonic() > self._until or bool(self._connection.socket_checker.select(sock, read=True, timeout=0))

    def receive(self) -> Mapping[str, Any]:
        """The reply to what was sent, for which it waits. Raises as `command`."""
        with self._closed_by_errors():
            self._connection.set_conn_timeout(max(self._until - time.monotonic(), SOON))
            return _ok(receive_message(self._connection, self._number).command_response(CODEC))

    @contextlib.contextmanager
    def _closed_by_errors(self) -> Iterator[None]:
        try:
            yield
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
