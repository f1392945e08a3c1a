"""What the connector's own login sees in Postgres: its slot, its publication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from psycopg.rows import dict_row

from connectors.errors import SourceUnreachableError
from connectors.settings import ConnectSettings


@dataclass(frozen=True)
class Slot:
    """One row of pg_replication_slots."""

    active: bool
    wal_status: str
    """reserved, extended, unreserved (about to be lost) or lost."""
    retained_bytes: int
    """WAL that Postgres keeps for the slot."""
    invalidation_reason: str | None = None
    active_pid: int | None = None
    confirmed_lsn: int | None = None
    """Commits up to here are never sent again."""

    @property
    def usable(self) -> bool:
        """Whether streaming can go on from it."""
        return self.wal_status != "lost" and self.invalidation_reason is None


class Source(Protocol):
    """The source database, as far as the commands need it."""

    def slot(self) -> Slot | None:
        """The replication slot, None when there is none."""

    def published(self) -> Mapping[str, bool]:
        """The publication's tables; True where REPLICA IDENTITY is FULL. Empty when there is no publication."""

    def drop_slot(self) -> None:
        """Drop the slot if it is there and not in use."""

    def wal_position(self) -> int:
        """Where the next WAL record will be written, as a number."""

    def signal(self, name: str, kind: str, data: str) -> None:
        """Write a signal for the connector."""

    def forget_signal(self, name: str) -> None:
        """Remove a signal; harmless when there is none."""


class PostgresSource:
    """`Source` over psycopg, one short connection a question. Raises SourceUnreachableError."""

    def __init__(self, settings: ConnectSettings) -> None:
        self._settings = settings

    def slot(self) -> Slot | None:
        """See Source."""
        rows = self._query(
            "SELECT active, active_pid, wal_status, invalidation_reason,"
            " pg_wal_lsn_diff(confirmed_flush_lsn, '0/0')::bigint AS confirmed_lsn,"
            " coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint AS retained_bytes"
            " FROM pg_replication_slots WHERE slot_name = %s",
            self._settings.slot,
        )
        return Slot(**rows[0]) if rows else None

    def published(self) -> Mapping[str, bool]:
        """See Source."""
        rows = self._query(
            "SELECT c.relname AS name, c.relreplident = 'f' AS full FROM pg_publication_tables p"
            " JOIN pg_class c ON c.oid = format('%%I.%%I', p.schemaname, p.tablename)::regclass"
            " WHERE p.pubname = %s AND p.schemaname = 'public'",
            self._settings.publication,
        )
        return {row["name"]: row["full"] for row in rows}

    def drop_slot(self) -> None:
        """See Source."""
        self._query(
            "SELECT pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots WHERE slot_name = %s AND NOT active",
            self._settings.slot,
        )

    def wal_position(self) -> int:
        """See Source."""
        return int(self._query("SELECT pg_current_wal_insert_lsn() - '0/0' AS position")[0]["position"])

    def signal(self, name: str, kind: str, data: str) -> None:
        """See Source."""
        self._query("INSERT INTO cdc_signal (id, type, data) VALUES (%s, %s, %s) RETURNING id", name, kind, data)

    def forget_signal(self, name: str) -> None:
        """See Source."""
        self._query("DELETE FROM cdc_signal WHERE id = %s RETURNING id", name)

    def _query(self, query: Any, *values: Any) -> list[dict[str, Any]]:
        with self._connect() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        to = self._settings
        try:
            with psycopg.connect(
                host=to.db_host,
                port=to.db_port,
                dbname=to.db_name,
                user=to.db_user,
                password=to.db_password.get_secret_value(),
                connect_timeout=5,
                options="-c statement_timeout=10s",
                autocommit=True,
                row_factory=dict_row,
            ) as connection:
                yield connection
        except psycopg.Error as error:
            raise SourceUnreachableError(
                f"Postgres at {to.db_host}:{to.db_port}/{to.db_name} as {to.db_user}: {error}",
                "See whether it runs with `make status`; roles, tables and the publication are made by `alembic upgrade head`.",
            ) from error
