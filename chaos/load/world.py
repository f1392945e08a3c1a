"""What the writing client knows, and what it does next. Deterministic for a seed and a sequence of answers; no input or output.

A key is written by one request at a time, and never again after a write whose outcome nobody knows: so the versions of a key are in
the order of their commits, and the checker can tell older from newer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.history.records import Op, Outcome
from chaos.tokens import Tokens

MOST_ITEMS, MOST_USERS, LEAST_USERS = 150, 40, 4
TAGS = 12
# How often each thing is done. `loner`: a user who never owns anything, so that it can be deleted.
WEIGHTS = {"create": 18, "retitle": 28, "retag": 10, "move": 10, "rename": 14, "remove": 10, "user": 4, "loner": 3, "forget": 3}


@dataclass(frozen=True)
class Planned:
    """One write that is about to be sent. `body` is the request's, None for a deletion."""

    version: int
    table: str
    key: int | None
    op: Op
    body: dict[str, Any] | None
    owner: int | None = None
    tags: tuple[str, ...] = ()
    loner: bool = False


@dataclass
class _Row:
    """A row that the client believes to be there."""

    owner: int | None = None
    tags: tuple[str, ...] = ()
    loner: bool = False


@dataclass
class World:
    """Rows by key, those that a request is on its way to, and every key that ever was, for readers."""

    tokens: Tokens
    chance: random.Random
    users: dict[int, _Row] = field(default_factory=dict)
    items: dict[int, _Row] = field(default_factory=dict)
    busy: set[tuple[str, int]] = field(default_factory=set)
    places: list[tuple[str, int]] = field(default_factory=list)
    version: int = 0
    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)

    def next(self) -> Planned:
        """The next write; its key is busy until `done`."""
        wanted = self.chance.choices(list(self.weights), list(self.weights.values()))[0]
        owners = [key for key in self._free("users") if not self.users[key].loner]
        if len([row for row in self.users.values() if not row.loner]) < LEAST_USERS or not owners:
            return self._user(None, loner=False)
        planned = self._user_write(wanted, owners) or self._item_write(wanted, owners)
        return planned or self._item(None, self.chance.choice(owners), self._tags())

    def done(self, planned: Planned, outcome: Outcome, key: int | None) -> None:
        """What became of it; `key` is the row's, None when it was not told."""
        rows = self.users if planned.table == "users" else self.items
        if key is None:
            return
        place = (planned.table, key)
        if planned.op is Op.CREATE:
            self.places.append(place)
        self.busy.discard(place)
        if outcome is Outcome.UNKNOWN or (outcome is Outcome.OK and planned.op is Op.DELETE):
            rows.pop(key, None)
        elif outcome is Outcome.OK:
            rows[key] = _Row(planned.owner, planned.tags, planned.loner)

    def _free(self, table: str) -> list[int]:
        rows = self.users if table == "users" else self.items
        return [key for key in rows if (table, key) not in self.busy]

    def _user_write(self, wanted: str, owners: list[int]) -> Planned | None:
        loners = [key for key in self._free("users") if self.users[key].loner]
        if wanted == "rename":
            return self._user(self.chance.choice(owners), loner=False)
        if wanted in {"user", "loner"} and len(self.users) < MOST_USERS:
            return self._user(None, loner=wanted == "loner")
        if wanted == "forget" and loners:
            return self._delete("users", self.chance.choice(loners))
        return None

    def _item_write(self, wanted: str, owners: list[int]) -> Planned | None:
        free = self._free("items")
        if not free or (wanted == "create" and len(self.items) < MOST_ITEMS):
            return None
        key = self.chance.choice(free)
        row = self.items[key]
        if wanted in {"remove", "create"}:
            return self._delete("items", key)
        owner = row.owner or owners[0]
        if wanted == "move" or owner not in self.users:  # who was written with an unknown outcome is left alone, too
            owner = self.chance.choice(owners)
        return self._item(key, owner, self._tags() if wanted == "retag" else row.tags)

    def _tags(self) -> tuple[str, ...]:
        names = [f"{self.tokens.run}-{number}" for number in range(TAGS)]
        return tuple(sorted(self.chance.sample(names, self.chance.randint(0, 3))))

    def _user(self, key: int | None, *, loner: bool) -> Planned:
        version = self._begin("users", key)
        return Planned(version, "users", key, Op.UPDATE if key else Op.CREATE, self.tokens.user(version), loner=loner)

    def _item(self, key: int | None, owner: int, tags: tuple[str, ...]) -> Planned:
        version = self._begin("items", key)
        body = self.tokens.item(version, owner, tags)
        return Planned(version, "items", key, Op.UPDATE if key else Op.CREATE, body, owner, tags)

    def _delete(self, table: str, key: int) -> Planned:
        return Planned(self._begin(table, key), table, key, Op.DELETE, None)

    def _begin(self, table: str, key: int | None) -> int:
        if key is not None:
            self.busy.add((table, key))
        self.version += 1
        return self.version
