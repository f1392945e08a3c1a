"""A database in memory that logs its changes as Debezium records. Knows nothing of the code under test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.events import FakeRecord, record

Row = dict[str, Any]


class World:
    """Tables as dictionaries of rows; every statement is a transaction of its own."""

    def __init__(self, keys: Mapping[str, Sequence[str]], epoch: int = 1) -> None:
        """`keys` gives the key columns of each table."""
        self.keys = keys
        self.tables: dict[str, dict[tuple[Any, ...], Row]] = {table: {} for table in keys}
        self.log: list[FakeRecord] = []
        self.epoch = epoch
        self._lsn = 1000
        self._commit: int | None = None

    def put(self, table: str, row: Row) -> None:
        """INSERT, or UPDATE of the row with that key."""
        key = tuple(row[c] for c in self.keys[table])
        before = self.tables[table].get(key)
        self.tables[table][key] = dict(row)
        self._write(table, "u" if before else "c", key, before, dict(row))

    def delete(self, table: str, *key: Any) -> None:
        """DELETE; nothing when the row is not there."""
        before = self.tables[table].pop(key, None)
        if before:
            self._write(table, "d", key, before, None)

    def truncate(self, table: str) -> None:
        """TRUNCATE of one table."""
        self.tables[table].clear()
        self._write(table, "t", None, None, None)

    def snapshot(self) -> list[FakeRecord]:
        """The records of an initial snapshot of every table as it is now."""
        self._lsn += 10
        return [
            record(
                table,
                "r",
                key=dict(zip(self.keys[table], key, strict=True)),
                after=dict(row),
                lsn=self._lsn,
                commit=None,
                snapshot="true",
                epoch=self.epoch,
            )
            for table, rows in self.tables.items()
            for key, row in rows.items()
        ]

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        return list(self.tables[table].values())

    def row(self, table: str, *key: Any) -> Row | None:
        """One row."""
        return self.tables[table].get(key)

    def _write(self, table: str, op: str, key: tuple[Any, ...] | None, before: Row | None, after: Row | None) -> None:
        self._lsn += 10
        self.log.append(
            record(
                table,
                op,
                key=None if key is None else dict(zip(self.keys[table], key, strict=True)),
                before=before,
                after=after,
                lsn=self._lsn,
                commit=self._commit,
                epoch=self.epoch,
                offset=len(self.log),
            )
        )
        self._commit = self._lsn + 1
