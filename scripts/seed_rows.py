"""Made-up rows. Pure: a row is a function of the seed, its table and its id, and so the same in every run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import TypeAlias

from scripts.words import ADJECTIVES, DOMAINS, FIRST_NAMES, LAST_NAMES, MATERIALS, NOTES, NOUNS, TAGS

Row: TypeAlias = tuple[object, ...]

USER_COLUMNS = ("id", "name", "email", "created_at", "updated_at")
TAG_COLUMNS = ("id", "name")
ITEM_COLUMNS = ("id", "owner_id", "title", "description", "price", "status", "created_at", "updated_at")
LINK_COLUMNS = ("item_id", "tag_id")

STATUSES, STATUS_WEIGHTS = ("draft", "active", "sold", "archived"), (10, 60, 20, 10)
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
YEAR_MS = 365 * 24 * 3600 * 1000
NO_DESCRIPTION = 0.15
UNCHANGED = 0.4


@dataclass(frozen=True)
class Rows:
    """Makes rows of one seed."""

    seed: int

    def user(self, key: int) -> Row:
        """A user; the id in the e-mail address keeps it unique."""
        random = self._random("user", key)
        first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
        mailbox = "".join(letter for letter in f"{first}.{last}".lower() if letter.isascii() and (letter.isalnum() or letter == "."))
        return (key, f"{first} {last}", f"{mailbox}.{key}@{random.choice(DOMAINS)}", *_times(random))

    def tag(self, key: int) -> Row:
        """A tag; beyond the list of words its id keeps the name unique."""
        word = TAGS[(key - 1) % len(TAGS)]
        return (key, word if key <= len(TAGS) else f"{word}-{key}")

    def item(self, key: int, owners: Sequence[int], tags: Sequence[int], links: range) -> tuple[Row, list[Row]]:
        """An item of one of the owners, and its links to as many different tags as `links` allows."""
        random = self._random("item", key)
        title = f"{random.choice(ADJECTIVES)} {random.choice(MATERIALS)} {random.choice(NOUNS)}".capitalize()
        description = None if random.random() < NO_DESCRIPTION else " ".join(random.sample(NOTES, random.randint(1, 3)))
        price = Decimal(int(random.lognormvariate(8, 1.2)) + 1).scaleb(-2)
        status = random.choices(STATUSES, STATUS_WEIGHTS)[0]
        chosen = random.sample(tags, min(random.choice(links), len(tags)))
        row = (key, random.choice(owners), title, description, price, status, *_times(random))
        return row, [(key, tag) for tag in sorted(chosen)]

    def _random(self, table: str, key: int) -> Random:
        return Random(f"{self.seed}:{table}:{key}")  # noqa: S311 - rows for a demonstration


def _times(random: Random) -> tuple[dt.datetime, dt.datetime]:
    """created_at and updated_at, to the millisecond; many rows were never updated."""
    created = random.randrange(YEAR_MS)
    updated = created if random.random() < UNCHANGED else created + random.randrange(YEAR_MS)
    return START + dt.timedelta(milliseconds=created), START + dt.timedelta(milliseconds=updated)
