"""Where two states of a document differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


class Absent:
    """Stands for a value that is not there at all, not even as null."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


@dataclass(frozen=True)
class Difference:
    """One place at which the sides do not agree."""

    path: str
    """Such as `owner.name` or `tags[2].id`; empty for the whole document."""
    postgres: Any
    mongodb: Any


def differences(postgres: Any, mongodb: Any, path: str = "") -> Iterator[Difference]:
    """Every place at which two canonical values differ, outermost names first."""
    if isinstance(postgres, dict) and isinstance(mongodb, dict):
        for name in [*postgres, *(name for name in mongodb if name not in postgres)]:
            inner = f"{path}.{name}" if path else name
            yield from differences(postgres.get(name, ABSENT), mongodb.get(name, ABSENT), inner)
    elif isinstance(postgres, list) and isinstance(mongodb, list):
        for index in range(max(len(postgres), len(mongodb))):
            left = postgres[index] if index < len(postgres) else ABSENT
            right = mongodb[index] if index < len(mongodb) else ABSENT
            yield from differences(left, right, f"{path}[{index}]")
    elif type(postgres) is not type(mongodb) or postgres != mongodb:
        yield Difference(path, postgres, mongodb)


def equal(postgres: Any, mongodb: Any) -> bool:
    """Whether there is no difference; the quick way to ask. Unlike `==`, 1 is not True and Decimal(1) is not 1."""
    if type(postgres) is not type(mongodb):
        return False
    if isinstance(postgres, dict):
        return postgres.keys() == mongodb.keys() and all(equal(value, mongodb[name]) for name, value in postgres.items())
    if isinstance(postgres, list):
        return len(postgres) == len(mongodb) and all(map(equal, postgres, mongodb))
    return bool(postgres == mongodb)
