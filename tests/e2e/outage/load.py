"""Writes at a given rate, whatever is broken; remembers what Postgres acknowledged."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import psycopg

ITEMS, USERS, TAGS = 2000, 200, 20
_TITLE = "UPDATE items SET title = %(title)s WHERE id = %(item)s"
_MOVE = "UPDATE items SET owner_id = %(user)s, title = %(title)s WHERE id = %(item)s"
_RENAME = "UPDATE users SET name = %(title)s WHERE id = %(user)s"
_NEW = (
    "WITH new AS (INSERT INTO items (owner_id, title, price) VALUES (%(user)s, %(title)s, 1) RETURNING id)"
    " INSERT INTO item_tags SELECT id, %(tag)s FROM new RETURNING item_id"
)
_GONE = "DELETE FROM items WHERE id = %(old)s"
_MIX = {_TITLE: 70, _MOVE: 6, _NEW: 10, _GONE: 10, _RENAME: 4}  # per cent; as many items go as come


@dataclass(frozen=True)
class Written:
    """An acknowledged title of an item; a later one has a higher number."""

    item: int
    number: int


class Load:
    """An open loop: what a slow moment leaves undone is caught up with. Use as a context."""

    def __init__(self, dsn: str, rate: float) -> None:
        self._dsn = dsn
        self._rate = rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load")
        self._chance = random.Random(7)
        self.acknowledged = 0
        self.refused = 0
        self.newest: deque[Written] = deque(maxlen=200)
        self._old: deque[int] = deque()

    def __enter__(self) -> Self:
        with psycopg.connect(self._dsn) as connection:
            users = connection.execute(
                "INSERT INTO users (name, email) SELECT 'load', 'load.' || n || '.' || clock_timestamp() FROM generate_series(1, %s) n"
                " RETURNING id",
                [USERS],
            )
            self._users = [row[0] for row in users]
            items = connection.execute(
                "INSERT INTO items (owner_id, title, price) SELECT (%s::bigint[])[1 + n %% %s], '0', 1 FROM generate_series(1, %s) n"
                " RETURNING id",
                [self._users, USERS, ITEMS],
            )
            self._items = [row[0] for row in items]
            tags = connection.execute(
                "INSERT INTO tags (name) SELECT 'load ' || n || clock_timestamp() FROM generate_series(1, %s) n RETURNING id", [TAGS]
            )
            self._tags = [row[0] for row in tags]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Write nothing more; raises when the thread does not end."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the load does not end: Postgres does not answer"

    def _run(self) -> None:
        begin, done = time.monotonic(), 0
        for connection in self._connections():
            with contextlib.suppress(psycopg.OperationalError):
                for number in range(done, 2**62):
                    if self._stop.wait(max(0.0, begin + number / self._rate - time.monotonic())):
                        return
                    done = number + 1
                    self._write(connection, number)
            self.refused += 1

    def _connections(self) -> Iterator[psycopg.Connection]:
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True, connect_timeout=3) as connection:
                    yield connection
            except psycopg.OperationalError:
                self.refused += 1
                self._stop.wait(0.2)

    def _write(self, connection: psycopg.Connection, number: int) -> None:
        (statement,) = self._chance.choices(list(_MIX), list(_MIX.values()))
        if statement == _GONE and not self._old:
            statement = _NEW
        item = self._chance.choice(self._items)
        values = {"title": str(number), "item": item, "user": self._chance.choice(self._users), "tag": self._chance.choice(self._tags)}
        cursor = connection.execute(statement, {**values, "old": self._old[0] if self._old else None})
        self.acknowledged += 1
        if statement == _NEW:
            self._old += [row[0] for row in cursor]
        elif statement == _GONE:
            self._old.popleft()
        elif statement in {_TITLE, _MOVE}:
            self.newest.append(Written(item, number))
