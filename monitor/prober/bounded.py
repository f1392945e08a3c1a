"""Connections to Postgres whose every wait ends: also when the server is frozen, and its kernel goes on to acknowledge what we send."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen

T = TypeVar("T")

INTERVAL: Final = 0.1  # seconds between two looks whether the connection was closed beneath the wait
CONNECT_SECONDS: Final = 2  # the least that libpq knows


class Bounded(psycopg.Connection[tuple[Any, ...]]):
    """A connection that is closed when an answer takes longer than `seconds`."""

    seconds: float = 2.0

    def wait(self, gen: PQGen[T], interval: float = INTERVAL, timeout: float | None = None) -> T:
        """See psycopg. Raises OperationalError when time is up."""
        try:
            return super().wait(gen, interval, self.seconds if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - psycopg has no public name for it
            self.close()
            raise psycopg.OperationalError(f"no answer within {self.seconds:g} s") from error


def connect(dsn: str, *, seconds: float, options: str = "", name: str = "prober") -> Bounded:
    """A connection in autocommit mode. Raises psycopg.Error within CONNECT_SECONDS."""
    opened = Bounded.connect(dsn, connect_timeout=CONNECT_SECONDS, options=options, autocommit=True, application_name=name)
    opened.seconds = seconds
    return opened
