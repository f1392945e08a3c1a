from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message


class RequestFailed(Exception):  # noqa: N818
    """A request was not answered as it should be; the text says which and how."""


class Client:
    """Sends requests to an app in this process."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def send(self, method: str, path: str, parameters: dict[str, Any] | None = None, body: Any = None) -> Any:
        """The answer's JSON. Raises RequestFailed for an answer of 400 and above."""
        status, received = 0, b""
        sent = b"" if body is None else json.dumps(body).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(sent)).encode())]

        async def receive() -> Message:
            return {"type": "http.request", "body": sent}

        async def send(message: Message) -> None:
            nonlocal status, received
            status = message.get("status", status)
            received += message.get("body", b"")

        query = urlencode(parameters or {})
        scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": ""}
        scope |= {"method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": headers}
        await self.app(scope, receive, send)
        if status >= 400:
            raise RequestFailed(f"{method} {path}?{query} was answered {status}: {received.decode()}")
        return json.loads(received) if received else None
