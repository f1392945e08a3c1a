"""The walks along all collections, one step of one of them at a time, so that the work is bounded."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
import pymongo
from pymongo.database import Database

from cdc_consumer.readmodel.declare import Document
from monitor.prober import bounded
from monitor.prober.barrier import Evidence
from monitor.prober.board import Sample
from monitor.prober.walk import Walk
from monitor.verify.mongo import MongoSide
from monitor.verify.postgres import OPTIONS, PostgresSide
from monitor.verify.scan import Sides

SECONDS: Final = 10.0
"""For one statement or one operation: a page takes longer than a ping."""


def whose_turn(turns: int, walks: Sequence[Walk], failed: Container[str] = ()) -> Walk:
    """The walk that makes the next step, `turns` after the first.

    Every second turn goes around, so that each collection gets on. The others go to a first pass, and then to the walk with the most
    pages: a wrong document of the largest collection is found within one and a half times what that alone would take. A walk that can
    only wait for answers gets none of those, nor does one whose last turn failed.
    """
    around, extra = divmod(turns, 2)
    able = [walk for walk in walks if not walk.waits and walk.document.collection not in failed] if extra else []
    if not able:
        return walks[around % len(walks)]
    return max(able, key=lambda walk: (not walk.passes, walk.pages))


@dataclass
class Sampler:
    """A walk whose turn failed shows nothing until a turn of it succeeds."""

    dsn: str
    db: Database[dict[str, Any]]
    documents: Sequence[Document]
    evidence: Evidence
    size: int
    walks: list[Walk] = field(init=False)
    _turns: int = 0
    _failed: set[str] = field(default_factory=set)
    _connection: bounded.Bounded | None = None
    _sides: dict[str, Sides] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.walks = [Walk(document, self.evidence) for document in self.documents]

    def look(self) -> list[Sample]:
        """One page of one walk, and what any of them has to look at again. Raises psycopg.Error, PyMongoError, UnsupportedKeyError."""
        turn = whose_turn(self._turns, self.walks, self._failed)
        self._turns += 1
        for walk in self.walks:
            if walk is turn or walk.questions or walk.wrong:
                self._look(walk, turn)
        return [sample for each in self.walks if each.document.collection not in self._failed for sample in each.samples()]

    def _look(self, walk: Walk, turn: Walk) -> None:
        name = walk.document.collection
        self._failed.add(name)
        try:
            with pymongo.timeout(SECONDS):
                sides = self._side(walk.document)
                walk.again(sides, self.size)
                if walk is turn:
                    walk.step(sides, self.size)
        except psycopg.Error:
            self._drop()
            raise
        self._failed.discard(name)

    def _side(self, document: Document) -> Sides:
        if self._connection is None or self._connection.closed:
            self._drop()
            self._connection = bounded.connect(self.dsn, seconds=SECONDS, options=OPTIONS, name="prober verify")
        if document.collection not in self._sides:
            postgres = PostgresSide(self._connection, document)
            self._sides[document.collection] = Sides(postgres, MongoSide(self.db, document, postgres.key))
        return self._sides[document.collection]

    def _drop(self) -> None:
        self._sides.clear()
        if self._connection is not None:
            self._connection.close()
        self._connection = None
