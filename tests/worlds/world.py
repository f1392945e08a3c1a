"""A database in memory that logs its changes as Debezium records. Knows nothing of the code under test but what a version is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdc_consumer.version import Version
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
        self.missed: set[str] = set()  # tables that changed while nobody captured
        self._lsn = 1000
        self._commit: int | None = None
        self._captured = self._before_images = True

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

    @contextlib.contextmanager
    def gap(self) -> Iterator[None]:
        """Statements in this block are not captured: the slot was lost, or Kafka deleted what nobody had read."""
        self._captured = False
        yield
        self._captured = True

    @contextlib.contextmanager
    def bare(self) -> Iterator[None]:
        """Updates and deletes in this block come without their before image."""
        self._before_images = False
        yield
        self._before_images = True

    def snapshot(self) -> list[FakeRecord]:
        """The records of an initial snapshot of every table as it is now."""
        self._lsn += 10
        position = {"snapshot": "true", "lsn": self._lsn, "commit": None}
        return [self._read(table, key, row, **position) for table in self.tables for key, row in self.tables[table].items()]

    def snapshot_again(self) -> dict[str, Version]:
        """The connector is registered anew: a new epoch and an initial snapshot. Answers the floor of each table."""
        self.epoch += 1
        self.log += self.snapshot()
        self.missed.clear()
        return {table: Version(self.epoch, 0, 0) for table in self.tables}

    def snapshot_incrementally(self, table: str) -> dict[str, Version]:
        """A table is read again while capture goes on. Answers its floor: the position of the WAL before the signal."""
        floor = self._lsn + 2
        self._lsn += 10
        self._commit = self._lsn + 1
        position = {"snapshot": "incremental", "lsn": self._commit, "commit": self._commit}
        self.log += [self._read(table, key, row, **position) for key, row in self.tables[table].items()]
        self.missed.discard(table)
        return {table: Version(self.epoch, floor, 0)}

    def _read(self, table: str, key: tuple[Any, ...], row: Row, **position: Any) -> FakeRecord:
        columns = dict(zip(self.keys[table], key, strict=True))
        return record(table, "r", key=columns, after=dict(row), epoch=self.epoch, **position)

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        return list(self.tables[table].values())

    def row(self, table: str, *key: Any) -> Row | None:
        """One row."""
        return self.tables[table].get(key)

    def _write(self, table: str, op: str, key: tuple[Any, ...] | None, before: Row | None, after: Row | None) -> None:
        self._lsn += 10
        if self._captured:
            columns = None if key is None else dict(zip(self.keys[table], key, strict=True))
            if not self._before_images:
                before = None
            position: dict[str, Any] = {"lsn": self._lsn, "commit": self._commit, "epoch": self.epoch, "offset": len(self.log)}
            self.log.append(record(table, op, key=columns, before=before, after=after, **position))
        else:
            self.missed.add(table)
        self._commit = self._lsn + 1
