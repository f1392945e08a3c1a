"""Looking again at suspects until they agree or time is up.

While writes go on, MongoDB is a little behind, so a document differs for a moment without being wrong. It is cleared as
soon as MongoDB shows any state that Postgres was *seen* in since the recheck began: then everything up to that moment has
arrived. A document that never stands still long enough for that is neither right nor wrong: where the values that differ
were seen changing on both sides, it is unsettled. A value that stood still in Postgres and differs is wrong, and so is a
document that stands still in MongoDB while Postgres moves.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from monitor.progress import Step
from monitor.verify.canonical import State
from monitor.verify.compare import Difference, differences, equal
from monitor.verify.scan import Sides

Verdict: TypeAlias = Literal["missing", "extra", "different", "unsettled"]

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.05, 0.5, 1.5
TRACKED = 500
"""Of more suspects than these no states are kept: memory stays bounded, and that many are not a few busy documents."""
REMEMBERED = 50
WHOLE = ""
"""The place of a difference between a document and none."""


@dataclass
class Watched:
    """States of one suspect, as they were seen."""

    postgres: deque[State] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    mongodb: State = None
    mongodb_moved: bool = False
    looks: int = 0

    def look(self, postgres: State, mongodb: State) -> bool:
        """Remember one look; whether MongoDB has caught up with a state seen."""
        self.mongodb_moved |= self.looks > 0 and not equal(self.mongodb, mongodb)
        self.mongodb = mongodb
        self.looks += 1
        if not self.postgres or not equal(self.postgres[-1], postgres):
            self.postgres.append(postgres)
        return any(equal(state, mongodb) for state in self.postgres)


@dataclass(frozen=True)
class Finding:
    """A document that is not as it must be."""

    key: Any
    verdict: Verdict
    differences: tuple[Difference, ...]


def recheck(sides: Sides, suspects: Sequence[Any], *, until: float, chunk: int, step: Step) -> Iterator[Finding]:
    """Findings among the suspects; each is looked at once at least, and again until `until` (time.monotonic()) while it differs.

    Raises psycopg.Error and PyMongoError.
    """
    waiting: dict[Any, Watched | None] = dict.fromkeys(suspects)
    pause = FIRST_PAUSE
    while waiting:
        start, tracked = time.monotonic(), len(waiting) <= TRACKED
        last = start >= until
        remaining: dict[Any, Watched | None] = {}
        for key, postgres, mongodb in look(sides, list(waiting), chunk):
            seen = waiting[key] or Watched()
            if not seen.look(postgres, mongodb):
                if last:
                    yield judge(key, seen)
                else:
                    remaining[key] = seen if tracked else None
        step(len(waiting) - len(remaining))
        if remaining:
            now = time.monotonic()
            # As long as the look took at least: what is behind needs the databases more than we do.
            time.sleep(max(min(max(pause, now - start), until - now), 0))
        waiting, pause = remaining, min(pause * GROWTH, LONGEST_PAUSE)


def look(sides: Sides, keys: Sequence[Any], chunk: int) -> Iterator[tuple[Any, State, State]]:
    """Both sides' state of each key. Postgres first: what MongoDB shows afterwards can only be newer."""
    for start in range(0, len(keys), chunk):
        part = keys[start : start + chunk]
        postgres, mongodb = sides.postgres.documents(part), sides.mongo.documents(part)
        for key in part:
            yield key, postgres.get(key), mongodb.get(key)


def judge(key: Any, seen: Watched) -> Finding:
    """The verdict on a suspect whose last look still differed."""
    postgres, mongodb = seen.postgres[-1], seen.mongodb
    found = tuple(differences(postgres, mongodb))
    moved = {_place(change) for earlier, later in pairwise(seen.postgres) for change in differences(earlier, later)}
    still = () if WHOLE in moved else tuple(difference for difference in found if _place(difference) not in moved)
    if not still and seen.mongodb_moved:
        return Finding(key, "unsettled", found)
    if postgres is None or mongodb is None:
        return Finding(key, "extra" if postgres is None else "missing", ())
    return Finding(key, "different", still or found)


def _place(difference: Difference) -> str:
    """The path down to the first list: what stands where in a list shifts when it changes."""
    return difference.path.partition("[")[0]
