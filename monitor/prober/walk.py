"""A verify that never ends: one collection, compared a page at a time, over and over.

A document that differs is first looked at again for a moment, as `monitor.verify.recheck` does; most were only on their way. What
still differs is an open question. It is answered by one of these:

- MongoDB shows a state that Postgres was seen in since: it was late.
- The row has not changed since the question was asked, everything committed before that has been applied (`barrier`), and the
  document is still another one: it is wrong. It counts until it is seen to be right.

While a pipeline stands still questions stay open; when there are too many of them the walk pauses.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from cdc_consumer.readmodel.declare import Document
from monitor.prober import metrics
from monitor.prober.barrier import Barrier, Evidence
from monitor.prober.board import Family, Sample
from monitor.verify.canonical import State
from monitor.verify.compare import equal
from monitor.verify.keys import Key
from monitor.verify.recheck import Watched, look, recheck
from monitor.verify.scan import Scan, Sides, scan_page

RECHECK_SECONDS: Final = 0.5
OPEN, WRONG = 1_000, 10_000
"""The most questions and wrong documents that are kept."""
KINDS: Final = ("missing", "extra", "different")

DIVERGENT: Final = Family("cdc_divergent_documents", "Documents that are not what Postgres says", ("collection", "kind"))


@dataclass
class Question:
    """A document that differed. `row` is what Postgres said when the barrier began."""

    row: State
    barrier: Barrier
    seen: Watched = field(default_factory=Watched)


@dataclass
class Walk:
    """One collection."""

    document: Document
    evidence: Evidence
    began: float | None = None
    """When this pass began (seconds since 1970); None between two passes."""
    after: Key | None = None
    walked: bool = False
    pages: int = 0
    """Of this pass so far, or, if that had more, of the last one."""
    passes: int = 0
    questions: dict[Any, Question] = field(default_factory=dict)
    wrong: dict[Any, str] = field(default_factory=dict)
    _so_far: int = 0

    @property
    def waits(self) -> bool:
        """Whether a step can do nothing before a question is answered."""
        return bool(self.questions) and (self.walked or len(self.questions) >= OPEN)

    def again(self, sides: Sides, size: int) -> None:
        """Looks again at what is open or wrong, of the latter at `size` documents. Raises psycopg.Error and PyMongoError."""
        self._ask(sides, size)
        self._mend(sides, size)

    def step(self, sides: Sides, size: int) -> None:
        """One more page of `size` rows, and the end of a pass. Raises psycopg.Error and PyMongoError."""
        if not self.walked and len(self.questions) < OPEN:
            self._page(sides, size)
        if self.walked and not self.questions:
            self.passes += 1
            if not self.wrong and self.began is not None:
                metrics.UP_TO.labels(self.document.collection).set(self.began)
            self.pages, self._so_far = self._so_far, 0
            self.began, self.after, self.walked = None, None, False

    def samples(self) -> list[Sample]:
        """What is known: no count before the first pass is complete, unless something is wrong already."""
        name = self.document.collection
        kinds = list(self.wrong.values())
        return [DIVERGENT.of(kinds.count(kind), name, kind) for kind in KINDS] if self.passes or kinds else []

    def _page(self, sides: Sides, size: int) -> None:
        self.began = self.began or time.time()
        found = Scan()
        self.after = scan_page(sides, self.after, found, chunk=size, max_suspects=size + OPEN)
        self.walked = self.after is None
        self._so_far += 1
        self.pages = max(self.pages, self._so_far)
        metrics.VERIFIED.labels(self.document.collection).inc(max(found.rows, found.documents))
        suspects = [key for key in found.suspects if key not in self.wrong and key not in self.questions]
        left = recheck(sides, suspects, until=time.monotonic() + RECHECK_SECONDS, chunk=size, step=lambda _: None)
        self._open(sides, [finding.key for finding in left], size)

    def _open(self, sides: Sides, keys: list[Any], size: int) -> None:
        barrier = Barrier(self.evidence)  # begins before the rows are read
        for key, row, document in look(sides, keys, size):
            question = Question(row, barrier)
            if not question.seen.look(row, document):
                self.questions[key] = question

    def _ask(self, sides: Sides, size: int) -> None:
        passed = {id(question.barrier): question.barrier.passed() for question in self.questions.values()}
        fresh = Barrier(self.evidence)
        for key, row, document in look(sides, list(self.questions), size):
            question = self.questions[key]
            if question.seen.look(row, document):
                del self.questions[key]
            elif not equal(row, question.row):
                question.row, question.barrier = row, fresh
            elif passed[id(question.barrier)]:
                del self.questions[key]
                if len(self.wrong) < WRONG:
                    self.wrong[key] = kind(row, document)

    def _mend(self, sides: Sides, size: int) -> None:
        for key, row, document in look(sides, _first(self.wrong, size), size):
            del self.wrong[key]  # and to the end: the others get their turn
            if not equal(row, document):
                self.wrong[key] = kind(row, document)


def kind(row: State, document: State) -> str:
    """How a document is wrong."""
    if document is None:
        return "missing"
    return "extra" if row is None else "different"


def _first(keys: Iterable[Any], size: int) -> list[Any]:
    return [key for key, _ in zip(keys, range(size), strict=False)]
