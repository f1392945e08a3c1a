"""XML-RPC over a unix socket, with a limit to how long an answer may take."""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from typing import Any

_CALL_SECONDS = 60.0  # stopProcess answers when the program has stopped


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_CALL_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.close()
            raise


class Transport(xmlrpc.client.Transport):
    """Speaks to the socket at a path."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> _Connection:
        """A connection to the socket, whatever the host is."""
        connection = _Connection(self._path)
        self._connection = host, connection  # what close() closes
        return connection
