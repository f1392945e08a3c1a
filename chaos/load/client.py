"""Sends planned writes and reads to the API, and writes down what it is told."""

from __future__ import annotations

import httpx2

from chaos.history.clock import Clock
from chaos.history.records import Op, Outcome, Read, Write
from chaos.load.answers import of_answer, of_error, promised
from chaos.load.world import Planned

SECONDS = 12.0  # longer than the API lets a transaction take, so that it can say what became of it
_METHODS = {Op.CREATE: "POST", Op.UPDATE: "PUT", Op.DELETE: "DELETE"}


def connect(url: str, most: int) -> httpx2.AsyncClient:
    """A client whose requests never wait for one another's connection."""
    limits = httpx2.Limits(max_connections=most, max_keepalive_connections=most)
    return httpx2.AsyncClient(base_url=url, timeout=httpx2.Timeout(SECONDS, connect=3.0), limits=limits)


async def write(http: httpx2.AsyncClient, clock: Clock, planned: Planned, due: float) -> Write:
    """Send one write; never raises for what the network or the server does."""
    path = f"/v1/{planned.table}" if planned.key is None else f"/v1/{planned.table}/{planned.key}"
    start, key = clock.now(), planned.key
    try:
        answer = await http.request(_METHODS[planned.op], path, json=planned.body)
        body = answer.json() if answer.content else {}
        outcome, detail = of_answer(answer.status_code, body)
        key = body["id"] if outcome is Outcome.OK and planned.op is Op.CREATE else key
    except httpx2.HTTPError as error:
        outcome, detail = of_error(error)
    except (ValueError, KeyError, TypeError) as error:
        outcome, detail = Outcome.UNKNOWN, f"unreadable answer: {error}"
    return Write(
        planned.version, planned.table, key, planned.op, due, start, clock.now(), outcome, planned.owner, planned.tags, detail=detail
    )


def not_sent(clock: Clock, planned: Planned, due: float) -> Write:
    """A write whose user gave up before it could be sent."""
    now = clock.now()
    text = f"not sent within {SECONDS:.0f} s"
    return Write(
        planned.version, planned.table, planned.key, planned.op, due, now, now, Outcome.FAIL, planned.owner, planned.tags, detail=text
    )


async def read(http: httpx2.AsyncClient, clock: Clock, client: str, place: tuple[str, int], due: float) -> Read:
    """Read one document through the API; 404 is an answer: nothing is there."""
    table, key = place
    start = clock.now()
    document, outcome, age, detail = None, Outcome.FAIL, None, ""
    try:
        answer = await http.get(f"/v1/{table}/{key}")
        if answer.status_code == 200:
            document, outcome, age = answer.json(), Outcome.OK, promised(answer.headers)
        elif answer.status_code == 404:
            outcome, age = Outcome.OK, promised(answer.headers)
        else:
            detail = str(answer.status_code)
    except httpx2.HTTPError as error:
        detail = type(error).__name__
    except ValueError as error:
        detail = f"unreadable answer: {error}"
    return Read(client, "api", table, key, due, start, clock.now(), outcome, document, age, detail=detail)
