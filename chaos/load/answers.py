"""What an answer, or its absence, says about a request. Pure.

The API says itself with a 503 whether something may have been written (`outcome`). Where it could say nothing, the connection does: a
request that was never sent was not done; one that was sent and not answered may have been.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from chaos.history.records import Outcome

_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


def of_answer(status: int, body: Any) -> tuple[Outcome, str]:
    """The outcome of a write that was answered, and why."""
    if status < 300:
        return Outcome.OK, ""
    slug = str(body.get("type", "")).rpartition("/")[2] if isinstance(body, Mapping) else ""
    said = f"{status} {slug}".strip()
    if isinstance(body, Mapping) and body.get("outcome") in {"none", "unknown"}:
        return (Outcome.FAIL if body["outcome"] == "none" else Outcome.UNKNOWN), said
    return (Outcome.FAIL if status < 500 else Outcome.UNKNOWN), said


def of_error(error: httpx2.HTTPError) -> tuple[Outcome, str]:
    """The outcome of a write that was not answered."""
    return (Outcome.FAIL if isinstance(error, _NOT_SENT) else Outcome.UNKNOWN), type(error).__name__


def promised(headers: Mapping[str, str]) -> float | None:
    """The greatest age in seconds that an answer promises (`Cdc-Max-Staleness`); None when it promises nothing."""
    try:
        return float(headers["cdc-max-staleness"])
    except (KeyError, ValueError):
        return None
