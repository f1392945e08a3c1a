"""One walk along the keys of a document type, both sides page by page: which documents look wrong at first sight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from monitor.progress import Step
from monitor.verify.canonical import State
from monitor.verify.compare import equal
from monitor.verify.keys import Key
from monitor.verify.mongo import MongoSide
from monitor.verify.postgres import PostgresSide


@dataclass(frozen=True)
class Sides:
    """The same document type in both databases."""

    postgres: PostgresSide
    mongo: MongoSide


@dataclass
class Scan:
    """What a walk saw."""

    rows: int = 0
    documents: int = 0
    suspects: list[Any] = field(default_factory=list)
    """Values of _id. They are looked at again before they count."""
    complete: bool = True
    """False when the walk ended early because there were too many suspects."""


def scan(sides: Sides, *, chunk: int, max_suspects: int, step: Step) -> Scan:
    """Walk along all keys in `chunk` rows of Postgres at a time; memory holds one chunk and the suspects' keys."""
    found = Scan()
    after: Key | None = None
    while len(found.suspects) < max_suspects:
        before = found.rows
        after = scan_page(sides, after, found, chunk=chunk, max_suspects=max_suspects)
        step(found.rows - before)
        if after is None:
            return found
    found.complete = False
    return found


def scan_page(sides: Sides, after: Key | None, found: Scan, *, chunk: int, max_suspects: int) -> Key | None:
    """Compare the next `chunk` rows and the documents in their range; the key to go on after, None when that was the last page."""
    page = sides.postgres.page(after, chunk)
    rows = len(page)
    last = next(reversed(page)) if rows == chunk else None  # the last page takes all that lies beyond it
    found.rows += rows
    _compare(page, sides.mongo.between(after, last), found, max_suspects)
    if last is None:
        _compare({}, sides.mongo.strangers(), found, max_suspects)
    return last


def _compare(page: dict[Key, State], documents: Iterable[tuple[Any, State]], found: Scan, max_suspects: int) -> None:
    """Tick off the documents against the page; whatever is left over is suspect."""
    for key, document in documents:
        found.documents += 1
        if key not in page or not equal(page.pop(key), document):
            found.suspects.append(key)
            if len(found.suspects) >= max_suspects:
                return
    found.suspects.extend(page)
