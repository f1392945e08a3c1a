"""The first rows: seeded once, continued when that was interrupted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from stack.errors import StackError
from stack.settings import ROOT

TABLES = ("users", "items", "tags")


@dataclass(frozen=True)
class Amounts:
    """How many rows to have."""

    users: int
    items: int
    tags: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Amounts:
        """SEED_USERS, SEED_ITEMS and SEED_TAGS, or 2,000, 20,000 and 50. Raises StackError for what is no number."""
        defaults = {"users": 2_000, "items": 20_000, "tags": 50}
        given = {table: environment.get(f"SEED_{table.upper()}") or str(default) for table, default in defaults.items()}
        for table, text in given.items():
            if not text.isdecimal():
                raise StackError(f"SEED_{table.upper()}={text} is not a number of rows")
        return cls(**{table: int(text) for table, text in given.items()})

    def less(self, there: Amounts) -> Amounts:
        """What is missing when some rows are there."""
        return Amounts(*(max(0, getattr(self, table) - getattr(there, table)) for table in TABLES))

    def any(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.users or self.items or self.tags)


def present(dsn: str) -> Amounts:
    """The rows that are there."""
    with psycopg.connect(dsn, connect_timeout=5) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM items), (SELECT count(*) FROM tags)"
        ).fetchone()
    return Amounts(*row) if row else Amounts(0, 0, 0)


def seed(amounts: Amounts, env: Mapping[str, str]) -> None:
    """Runs scripts/seed.py, which shows its own progress. Raises StackError if it fails."""
    command = [sys.executable, "scripts/seed.py"]
    for table in TABLES:
        command += [f"--{table}", str(getattr(amounts, table))]
    code = subprocess.run(command, env=dict(env), cwd=ROOT, check=False).returncode
    if code != 0:
        raise StackError(f"seeding ended with code {code}", advice="Once the cause is mended: make up   (it seeds what is missing)")
