"""One document type as Postgres has it now: each call is one statement, and so one snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from cdc_consumer.readmodel.declare import Document
from monitor.verify.canonical import State, from_postgres
from monitor.verify.keys import Key, KeyType, key_type
from monitor.verify.oracle import statements

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        "timezone=UTC",
        "intervalstyle=iso_8601",
        "default_transaction_read_only=on",
        "default_transaction_isolation=repeatable\\ read",
        "statement_timeout=60s",
        "lock_timeout=10s",
        "jit=off",  # compiling the nested selects takes longer than running them on one page
    )
)


def connect(dsn: str) -> Connection:
    """A read-only session in which the oracle's statements give what they promise. Raises psycopg.Error."""
    return psycopg.connect(dsn, connect_timeout=5, options=OPTIONS, autocommit=True, application_name="verify")


class PostgresSide:
    """Documents computed by the oracle's SQL. Raises psycopg.Error; UnsupportedKeyError when it is made."""

    def __init__(self, connection: Connection, document: Document) -> None:
        self._connection = connection
        self._document = document
        self.key = self._key_type()
        self._statements = statements(document, self.key)
        self._read = from_postgres(document)

    def count(self) -> int:
        """Rows of the root table."""
        found = self._connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(self._document.root))).fetchone()
        return int(found[0]) if found else 0

    def page(self, after: Key | None, size: int) -> dict[Key, State]:
        """The next documents in key order, at most `size`."""
        if after is None:
            return self._documents(self._statements.first_page, {"size": size})
        return self._documents(self._statements.next_page, {"after": after, "size": size})

    def documents(self, keys: Iterable[Any]) -> dict[Key, State]:
        """Documents by key; values that cannot be keys of the column are simply not found."""
        return self._documents(self._statements.by_keys, {"keys": [str(key) for key in keys if self.key.owns(key)]})

    def _documents(self, query: sql.Composed, parameters: dict[str, Any]) -> dict[Key, State]:
        rows = self._connection.execute(query, parameters)
        return {self.key.key(key): self._read(raw) for key, raw in rows}

    def _key_type(self) -> KeyType:
        found = self._connection.execute(
            "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
            (sql.Identifier(self._document.root).as_string(None), self._document.id),
        ).fetchone()
        if found is None:
            raise psycopg.errors.UndefinedColumn(f"table {self._document.root} has no column {self._document.id}")
        return key_type(found[0])
