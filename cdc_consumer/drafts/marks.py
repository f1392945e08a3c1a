"""What a draft shows that may not be applied yet: rows and their versions, in the document's `_draft`. Pure.

The materialiser leaves a document alone while the mirrors do not have a row that it shows: written from them it would go back. Whoever
applies that row writes the document, later than this, so from all that is mirrored now (docs/decisions/0022-drafts.md).

A row that does not say itself which documents show it (an owner, a tag) is shown by another, the root row or a link. Whoever applies it
finds the document by that other row, so only while that is what it was: then only it is waited for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cdc_consumer.envelope import Change, Key
from cdc_consumer.rows import mongo_id, row_key
from cdc_consumer.version import Version

FIELD: Final = "_draft"
MOST: Final = 80  # marks of a document, links before tags: enough for forty changes a second, confirmed every two (`pace.CALM`)
ADDED_MS: Final = (
    3000  # a draft that is so old is not added to: else a row that changes all the time would never let its document be written
)
HOLD_MS: Final = 600_000  # for so long a document waits for a row: longer than a worker is missing, if only its record is not lost
Mark = dict[str, Any]
Row = tuple[str, Key]  # a table and a key


def mark(change: Change, at: int) -> Mark:
    """That a document shows a row as this change made it, since `at` (ms since 1970)."""
    return {"t": change.table, "k": mongo_id(change.key), "v": change.version.to_bson(), "at": at}


def by(shown: Mark, other: Mark) -> Mark:
    """The same, by another row that leads to it."""
    return shown | {"by": {"t": other["t"], "k": other["k"]}}


def row(shown: Mark) -> Row:
    """The row of a mark, or of its `by`."""
    return shown["t"], row_key(shown["k"])


def rows(marks: Sequence[Mark]) -> dict[Row, Version]:
    """The rows shown, each with its newest version."""
    found: dict[Row, Version] = {}
    for one in marks:
        version = Version.from_bson(one["v"])
        found[row(one)] = max(version, found.get(row(one), version))
    return found


def held(marks: Sequence[Mark], mirrored: Mapping[Row, Version], now: int) -> bool:
    """Whether a document shows a row that is not mirrored yet, and has not for so long that nobody may wait for it.

    `mirrored` has what is mirrored of the rows shown: no less than that is so, and no more of those by which a missing one is shown.
    """
    if not marks or abs(now - marks[0]["at"]) >= HOLD_MS:
        return False
    shown = rows(marks)
    return any(_missing(row(one), shown, mirrored) and _leads(one, shown, mirrored) for one in marks)


def _missing(one: Row, shown: Mapping[Row, Version], mirrored: Mapping[Row, Version]) -> bool:
    return one not in mirrored or mirrored[one] < shown[one]


def _leads(one: Mark, shown: Mapping[Row, Version], mirrored: Mapping[Row, Version]) -> bool:
    """Whether the row by which this one is shown is still what it was."""
    if "by" not in one:
        return True
    other = row(one["by"])
    return other in shown and mirrored.get(other, shown[other]) <= shown[other]
