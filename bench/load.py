"""Writes at a fixed rate, whatever the answers: an open loop, so that a stall is measured by every write that it holds up."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg

WRITERS: Final = 8
USERS: Final = 20
TAGS: Final = 10
TAGS_EACH: Final = 2  # of a new item

_INSERT: Final = """
WITH item AS (
    INSERT INTO items (id, owner_id, title, description, price, status)
    VALUES (%(id)s, %(owner)s, %(title)s, 'Written at a rate', 9.99, 'active')
    RETURNING id
)
INSERT INTO item_tags (item_id, tag_id) SELECT item.id, tag FROM item, unnest(%(tags)s::bigint[]) AS tag
"""
_UPDATE: Final = "UPDATE items SET title = %(title)s WHERE id = %(id)s"


@dataclass(frozen=True)
class Write:
    """One write of an item. `due` is the moment (monotonic) at which it should be made."""

    due: float
    id: int
    title: str
    insert: bool


@dataclass
class Base:
    """What the writes refer to: users and tags of their own."""

    owners: Sequence[int]
    tags: Sequence[int]

    def parameters(self, write: Write) -> dict[str, object]:
        """Of the statement that makes a write."""
        tags = [self.tags[(write.id + n) % len(self.tags)] for n in range(TAGS_EACH)]
        return {"id": write.id, "owner": self.owners[write.id % len(self.owners)], "title": write.title, "tags": sorted(tags)}


def base(dsn: str, label: str) -> Base:
    """Make the users and tags."""
    with psycopg.connect(dsn, autocommit=True) as connection:

        def ids(statement: str, count: int) -> list[int]:
            rows = connection.execute(f"{statement} RETURNING id", (label, count)).fetchall()
            return [int(row[0]) for row in rows]

        owners = ids(
            "INSERT INTO users (name, email) SELECT 'Writer ' || n, %s || n || '@example.com' FROM generate_series(1, %s) AS n", USERS
        )
        tags = ids("INSERT INTO tags (name) SELECT %s || n FROM generate_series(1, %s) AS n", TAGS)
    return Base(owners, tags)


@dataclass
class OpenLoop:
    """Makes writes when they are due. `committed` holds those that Postgres has acknowledged, `failed` the others."""

    dsn: str
    base: Base
    committed: list[Write] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, writes: Sequence[Write], before: Callable[[Write], None] = lambda _: None) -> None:
        """Make them all; returns when the last one is done. `before` is told of each just before it is made."""
        waiting: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        threads = [threading.Thread(target=self._work, args=(waiting, before), name=f"writer-{n}") for n in range(WRITERS)]
        for thread in threads:
            thread.start()
        for write in writes:
            if (pause := write.due - time.monotonic()) > 0:
                time.sleep(pause)
            waiting.put(write)
        for _ in threads:
            waiting.put(None)
        for thread in threads:
            thread.join()

    def _work(self, waiting: queue.SimpleQueue[Write | None], before: Callable[[Write], None]) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            while write := waiting.get():
                before(write)
                try:
                    connection.execute(_INSERT if write.insert else _UPDATE, self.base.parameters(write))
                except psycopg.Error as error:
                    with self._lock:
                        self.failed.append(str(error))
                else:
                    with self._lock:
                        self.committed.append(write)


def schedule(first_id: int, count: int, rate: float, start: float, *, old: Sequence[int] = ()) -> list[Write]:
    """`count` writes at `rate` a second from `start` on: inserts, and in turn with them updates of the items `old`, each once."""
    found, left = [], list(old)
    for n in range(count):
        insert = not left or n % 2 == 0
        _id = first_id + n if insert else left.pop(0)
        found.append(Write(start + n / rate, _id, f"Write {first_id + n}", insert))
    return found
