"""The outermost layer: a trace id for every request, one log line, a bounded body, and no exception past it."""

from __future__ import annotations

import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems, trace
from api.metrics import IN_FLIGHT, observe
from api.problem import respond

log = structlog.get_logger("api")


class TooLarge(problems.BodyTooLarge, HTTPException):
    """An HTTPException because FastAPI turns everything else that reading a body raises into a 400."""

    def __init__(self, limit: int) -> None:
        HTTPException.__init__(self, 413)
        problems.BodyTooLarge.__init__(self, f"The body is larger than {limit} bytes.", max_bytes=limit)


class Edge:
    """ASGI middleware; see the module. FastAPI's own `max_body_size` would answer in plain text."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        own = trace.begin(headers)
        request_id = trace.request_id(headers, own)
        trace.current.set(own)
        scope.setdefault("state", {})["trace_id"] = own.trace_id
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                answer["X-Request-Id"] = request_id
                answer["Traceparent"] = own.traceparent
            await send(message)

        ids = {"trace_id": own.trace_id, "span_id": own.span_id, "request_id": request_id}
        with IN_FLIGHT.track_inprogress(), structlog.contextvars.bound_contextvars(**ids):
            try:
                await self._serve(scope, receive, watched)
            except Exception:
                log.exception("request_failed", method=scope["method"], path=scope["path"])
                if status:
                    raise  # half an answer is out: the server must cut the connection
                problem = problems.InternalError("The request could not be completed.")
                await respond(Request(scope), problem)(scope, receive, watched)
            finally:
                seconds = time.perf_counter() - started
                observe(scope, status, seconds)
                duration_ms = round(seconds * 1000, 2)
                log.info("http_request", method=scope["method"], path=scope["path"], status=status, duration_ms=duration_ms)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self.max_body_bytes:
            await respond(Request(scope), TooLarge(self.max_body_bytes))(scope, receive, send)
            return
        size = 0

        async def bounded() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.max_body_bytes:
                raise TooLarge(self.max_body_bytes)
            return message

        await self.app(scope, bounded, send)
