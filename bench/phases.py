"""What is written to Postgres for each phase: the changes that the sinks are measured on."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final

import psycopg

from bench.sizes import LINKS, TAGS, Sizes
from bench.tape import State
from monitor.progress import Silent
from scripts.seed_rows import Rows
from scripts.seed_write import Plan, seed

TOGETHER: Final = 200  # statements a transaction
HOT: Final = 0.01  # of the keys take
MOST: Final = 0.9  # of the updates
FAN_OWNER: Final = "Fan owner"

Connection = psycopg.Connection


def load(connection: Connection, sizes: Sizes) -> int:
    """Fill the tables as `make seed` does; how many rows."""
    plan = Plan(users=sizes.users, items=sizes.items, tags=TAGS, links=LINKS, batch=2000)
    return sum(seed(connection, plan, Rows(7), Silent()).values())


def clear(connection: Connection) -> int:
    """Empty the tables; one record for each."""
    connection.execute("TRUNCATE users, items, tags, item_tags")
    return 4


def updates(connection: Connection, sizes: Sizes, state: State) -> int:
    """Update rows that are there, each about as often as any other."""
    random = Random(11)  # noqa: S311 - which rows are updated
    keys = sorted(state["items"])
    chosen = list(itertools.islice(itertools.cycle(keys), sizes.updates))
    random.shuffle(chosen)
    return _retitle(connection, chosen, "Updated")


def hot(connection: Connection, sizes: Sizes, state: State) -> int:
    """Update rows of which 1 % take 90 % of the updates."""
    random = Random(13)  # noqa: S311
    keys = sorted(state["items"])
    some = random.sample(keys, max(1, round(HOT * len(keys))))
    chosen = [random.choice(some if random.random() < MOST else keys) for _ in range(sizes.hot)]
    return _retitle(connection, chosen, "Hot")


def deletes(connection: Connection, sizes: Sizes, state: State) -> int:
    """Delete items and, by cascade, their links."""
    chosen = Random(17).sample(sorted(state["items"]), sizes.deletes)  # noqa: S311
    links = _links_of(state, set(chosen))
    for some in _batches(chosen):
        with connection.transaction():
            connection.execute("DELETE FROM items WHERE id = ANY(%s)", (list(some),))
    return len(chosen) + links


def fan(connection: Connection, sizes: Sizes) -> tuple[int, int]:
    """One user who owns many items; the user's id and how many rows."""
    with connection.transaction():
        row = connection.execute("INSERT INTO users (name, email) VALUES (%s, 'fan@example.com') RETURNING id", (FAN_OWNER,)).fetchone()
        owner = int(row[0]) if row else 0
        connection.execute(
            "INSERT INTO items (owner_id, title, description, price, status) "
            "SELECT %s, 'Fan item ' || n, 'One of many items of one owner', 9.99, 'active' FROM generate_series(1, %s) AS n",
            (owner, sizes.fan),
        )
    return owner, sizes.fan + 1


def rename(connection: Connection, owner: int, number: int) -> int:
    """Rename that user."""
    with connection.transaction():
        connection.execute("UPDATE users SET name = %s WHERE id = %s", (f"{FAN_OWNER} {number}", owner))
    return 1


def _links_of(state: State, items: set[int]) -> int:
    return sum(dict(key)["item_id"] in items for key in state["item_tags"])


def _retitle(connection: Connection, keys: Sequence[int], word: str) -> int:
    number = itertools.count(1)
    with connection.cursor() as cursor:
        for some in _batches(keys):
            with connection.transaction():
                cursor.executemany("UPDATE items SET title = %s WHERE id = %s", [(f"{word} {next(number)}", key) for key in some])
    return len(keys)


def _batches(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(keys), TOGETHER):
        yield keys[start : start + TOGETHER]
