"""Writing made-up rows into Postgres, in batches of one transaction each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from monitor.progress import Reporter
from scripts.seed_rows import ITEM_COLUMNS, LINK_COLUMNS, TAG_COLUMNS, USER_COLUMNS, Row, Rows


@dataclass(frozen=True)
class Plan:
    """How many rows of what."""

    users: int
    items: int
    tags: int
    links: range
    """How many tags an item may have."""
    batch: int


def seed(connection: psycopg.Connection, plan: Plan, rows: Rows, report: Reporter) -> dict[str, int]:
    """Write the rows; how many went into each table. Memory holds one batch and the ids of users and tags.

    `connection` is in autocommit mode. Raises psycopg.Error, and ValueError when items have nobody to belong to.
    """
    written = dict.fromkeys(("tags", "users", "items", "item_tags"), 0)
    for table, columns, count, make in (("tags", TAG_COLUMNS, plan.tags, rows.tag), ("users", USER_COLUMNS, plan.users, rows.user)):
        step = report.task(f"seeding {table}", count)
        for ids in _batches(reserve_ids(connection, table, count), plan.batch):
            with connection.transaction():
                written[table] += _copy(connection, table, columns, (make(key) for key in ids))
            step(len(ids))
    if not plan.items:
        return written
    owners, tags = _ids(connection, "users"), _ids(connection, "tags")
    if not owners:
        raise ValueError("there are no users for the items to belong to; give --users as well")
    step = report.task("seeding items", plan.items)
    for ids in _batches(reserve_ids(connection, "items", plan.items), plan.batch):
        links: list[Row] = []
        items = (rows.item(key, owners, tags, plan.links) for key in ids)
        with connection.transaction():
            written["items"] += _copy(connection, "items", ITEM_COLUMNS, _keep_links(items, links))
            written["item_tags"] += _copy(connection, "item_tags", LINK_COLUMNS, links)
        step(len(ids))
    return written


def reserve_ids(connection: psycopg.Connection, table: str, count: int) -> range:
    """The next `count` ids after the highest one; the table's identity goes on behind them.

    They are reserved before any row is written, under a lock that lets readers in and waits for writers: the API can go
    on inserting while the rows are written, and never meets an id of ours.
    """
    if not count:
        return range(0)
    name, sequence = sql.Identifier(table), sql.Literal(table)
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '10s'")
        connection.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(name))
        last = _number(connection, sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(name))
        connection.execute(
            sql.SQL("SELECT setval(s, greatest({end}, nextval(s) - 1)) FROM pg_get_serial_sequence({table}, 'id') AS s").format(
                end=sql.Literal(last + count), table=sequence
            )
        )
    return range(last + 1, last + count + 1)


def _ids(connection: psycopg.Connection, table: str) -> array[int]:
    """All ids in order, 8 bytes each."""
    with connection.transaction(), connection.cursor(f"ids_of_{table}") as cursor:
        cursor.itersize = 50_000
        cursor.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(sql.Identifier(table)))
        return array("q", (key for (key,) in cursor))


def _batches(ids: range, size: int) -> Iterator[range]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _keep_links(items: Iterable[tuple[Row, list[Row]]], links: list[Row]) -> Iterator[Row]:
    for row, of_row in items:
        links.extend(of_row)
        yield row


def _copy(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
        return cursor.rowcount


def _number(connection: psycopg.Connection, query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
