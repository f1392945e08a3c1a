"""W3C Trace Context: whose request this is, and what is handed on with the rows it writes."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.datastructures import Headers

# Fields after the fourth belong to versions yet to come; version ff and ids of zeros alone are forbidden.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_REQUEST_ID = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """One request's place in its caller's trace, or in a new one. `span_id` is this request's own."""

    trace_id: str
    span_id: str
    sampled: bool

    @property
    def traceparent(self) -> str:
        """What stands for this request in others' headers: version, trace, span, flags."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"


current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def begin(headers: Headers) -> Trace:
    """The caller's trace with a span of our own; without a valid traceparent a new trace, not sampled."""
    text = headers.get("traceparent", "")
    match = _TRACEPARENT.fullmatch(text)
    if match is None or (match[4] and text.startswith("00")):
        return Trace(secrets.token_hex(16), secrets.token_hex(8), sampled=False)
    return Trace(match[1], secrets.token_hex(8), sampled=bool(int(match[3], 16) & _SAMPLED))


def request_id(headers: Headers, trace: Trace) -> str:
    """The caller's X-Request-Id if it is short and plain, else the trace id."""
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else trace.trace_id


def for_row() -> str | None:
    """The traceparent that a row takes along to the worker's log: of sampled requests alone, since each such row is a line there."""
    trace = current.get()
    return trace.traceparent if trace and trace.sampled else None
