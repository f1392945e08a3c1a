"""The write database: one request is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
import structlog
from psycopg import waiting
from psycopg.abc import RV, PQGen
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import QueuePool

from api.metrics import POOL, POOL_WAIT
from api.problem import Problem
from api.problems import PostgresUnavailable
from api.settings import Settings

log = structlog.get_logger("api")

WAIT_INTERVAL_S = 0.1  # psycopg's own

# Tables or rights that are missing: a migration is on its way, or has not been run. Waiting helps, so it is no 500.
NOT_MIGRATED = frozenset({"42P01", "42501"})


def make_engine(settings: Settings) -> AsyncEngine:
    """The pool. Connects at first use."""
    session = {
        "timezone": "UTC",
        "statement_timeout": f"{settings.statement_timeout_s:g}s",
        "lock_timeout": f"{settings.lock_timeout_s:g}s",
        "idle_in_transaction_session_timeout": f"{2 * settings.transaction_timeout_s:g}s",
    }
    engine = create_async_engine(
        settings.postgres_dsn.get_secret_value(),
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
        pool_timeout=settings.pool_wait_s,
        pool_pre_ping=True,  # after a restart of Postgres the first request would fail otherwise
        hide_parameters=True,  # errors are logged, and values are the client's business
        connect_args={
            "async_creator_fn": _Impatient.connect,
            "connect_timeout": settings.connect_timeout_s,
            "application_name": "api",
            "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
        },
    )
    if isinstance(engine.pool, QueuePool):  # the last one that was made is shown, where a process makes several
        POOL.labels("in_use").set_function(engine.pool.checkedout)
        POOL.labels("idle").set_function(engine.pool.checkedin)
    POOL.labels("limit").set(settings.pool_size + settings.pool_overflow)
    return engine


class _Impatient(psycopg.AsyncConnection[Any]):
    """Leaves at once when a request runs out of time: psycopg would ask a server that hangs to cancel, and wait 10 s for it.

    The server rolls back what was not committed and ends the statement at its own timeout.
    """

    async def wait(self, gen: PQGen[RV], interval: float = WAIT_INTERVAL_S, timeout: float | None = None) -> RV:  # noqa: ASYNC109
        try:
            return await waiting.wait_async(gen, self.pgconn.socket, interval=interval, timeout=timeout)
        except asyncio.CancelledError:
            self.pgconn.finish()
            raise


@contextmanager
def violations(problems: Mapping[str, Problem]) -> Iterator[None]:
    """Turns the violation of a named constraint into a problem. Any other goes on as it is."""
    try:
        yield
    except IntegrityError as error:
        name = str(getattr(getattr(error.orig, "diag", None), "constraint_name", None))
        if name in problems:
            raise problems[name] from error
        raise


def _unavailable(error: BaseException) -> bool:
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError, TimeoutError)):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in NOT_MIGRATED


class Database:
    """What commands write to."""

    def __init__(self, bind: AsyncEngine | AsyncConnection, timeout_s: float) -> None:
        self.bind = bind
        self.timeout_s = timeout_s
        self._sessions = async_sessionmaker(bind, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed when the block ends: what follows the block, the answer, follows the commit.

        Written out in every route, since a dependency with `yield` may be left only after the answer was sent.
        Raises PostgresUnavailable when the database is away, too slow or not migrated.
        """
        outcome = "none"
        try:
            async with asyncio.timeout(self.timeout_s), self._sessions() as session:
                with POOL_WAIT.time():
                    await session.connection()
                yield session
                outcome = "unknown"
                await session.commit()
        except (DBAPIError, PoolTimeoutError, TimeoutError) as error:
            if not _unavailable(error):
                raise
            log.warning("postgres_unavailable", error=str(error), outcome=outcome)
            said = "nothing was written" if outcome == "none" else "whether the write was made is not known"
            raise PostgresUnavailable(f"PostgreSQL did not answer in time; {said}.", outcome=outcome) from error

    async def ping(self) -> None:
        """Proves that tables can be read. Raises PostgresUnavailable."""
        async with self.transaction() as session:
            await session.execute(text("SELECT FROM users LIMIT 0"))
