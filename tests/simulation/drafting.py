"""The workers' drafts in the simulation: made when a chunk is fetched, landing whenever the schedule says, or never.

The product's own code makes them (`drafts.drafting`); what is left out is `drafts.publish`, whose task is to write them early.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from unittest import mock

from cdc_consumer.drafts import marks
from cdc_consumer.drafts.drafting import Drafts, Statement
from cdc_consumer.envelope import Change, decode
from cdc_consumer.mongo import Database
from cdc_consumer.readmodel.codec import CODEC
from cdc_consumer.readmodel.declare import Document
from tests.simulation.simulator import Part

NOW = 0.0  # nothing gets old: what is known is believed, however wrong it is
AT = 0


@contextlib.contextmanager
def nothing_gets_old() -> Iterator[None]:
    """So that a schedule replays exactly: documents wait for rows they show however long that takes."""
    with mock.patch.object(marks, "HOLD_MS", math.inf):
        yield


class LateDrafts:
    """Drafts of two workers."""

    db: Database

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self.reset()

    def reset(self) -> None:
        """As new."""
        self._drafts = [Drafts(self._documents) for _ in range(2)]
        self._parts: list[Part] = []  # so that an id names one part
        self.pending: list[tuple[str, Statement]] = []

    def offer(self, worker: int, part: Part) -> None:
        """See Drafting."""
        self._parts.append(part)
        taken = self._drafts[worker].take({id(part): self._learn(part)}, NOW, AT)
        self.pending += [(collection, one) for collection, some in taken.writes.items() for one in some]

    def _learn(self, part: Part) -> list[Change]:
        """Both workers know of the rows, as if they had read them; what they know gets old."""
        changes = [change for record in part.records if (change := decode(record))]
        for drafts in self._drafts:
            for change in changes:
                drafts.known.learn(change, NOW, marks.mark(change, AT))
        return changes

    def begin(self, worker: int, part: Part) -> None:
        """See Drafting."""
        self._learn(part)
        self._drafts[worker].begin(id(part))

    def end(self, worker: int, part: Part) -> None:
        """See Drafting."""
        self._drafts[worker].end(id(part))

    def crash(self, worker: int) -> None:
        """See Drafting."""
        self._drafts[worker] = Drafts(self._documents)

    async def land(self, number: int) -> bool:
        """See Drafting."""
        if self.pending:
            collection, statement = self.pending.pop(number % len(self.pending))
            command = {"update": collection, "updates": [statement], "ordered": False, "writeConcern": {"w": "majority"}}
            await self.db.command(command, codec_options=CODEC)
            return True
        return False
