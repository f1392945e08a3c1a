"""A worker that shows drafts, on a real MongoDB, without Kafka."""

import asyncio
import math
import time
import types

from faust.types.tuples import TP

from cdc_consumer.dead_letters.parking import Parking
from cdc_consumer.drafts.board import Board
from cdc_consumer.drafts.publish import Publisher
from cdc_consumer.pace import Pace
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.integration.cdc_consumer.applying import read_models
from tests.worlds.market import KEYS


class Worker:
    """What stands behind Kafka: chunks are seen early, and applied when the test says so."""

    parking: Parking

    def __init__(self, world, db, uri):
        self.world, self.db, self.uri, self.taken, self.clear = world, db, uri, 0, True
        self.made = []
        self.anew()

    def anew(self, uri=None):
        """Another worker, which has seen nothing."""
        self.board = Board(DOCUMENTS, lambda _: self.clear, Pace(), lambda: None)
        self.board.follow(TP(f"cdc.public.{table}", 0) for table in KEYS)
        self.publisher = Publisher(uri or self.uri, self.db.name, self.board)
        self.made.append(self.publisher)

    def chunk(self, *rows):
        """Rows written to one table, as a chunk."""
        for table, row in rows:
            self.world.put(table, row)
        records, self.taken = self.world.log[self.taken :], len(self.world.log)
        tp, last = TP(records[0].topic, 0), records[-1].offset
        return types.SimpleNamespace(value=records, offset=last, timestamp=time.time(), generation_id=1, tp=tp)

    def see(self, *chunks):
        return self.board.see([record for chunk in chunks for record in chunk.value])

    async def offer(self, *chunks):
        if seen := self.see(*chunks):
            await asyncio.to_thread(self.write, [seen])

    def write(self, many):
        """Have what was seen written, as the tail does, until all replies are here."""
        for seen in many:
            self.publisher.publish(seen)
        while self.publisher.collect() < math.inf:
            time.sleep(0.001)

    async def apply(self, *chunks):
        self.board.begin(chunks)
        await self.parking.apply_jointly([(chunk.value, ()) for chunk in chunks])
        self.board.end(chunks)

    async def alone(self, chunk):
        self.board.begin([chunk])
        await self.parking.apply(chunk.value)
        self.board.end([chunk])

    async def shown(self, collection="items_read"):
        """What readers see, beside how far it is confirmed."""
        found = (await read_models(self.db, DOCUMENTS))[collection]
        return {key: {name: value for name, value in one.items() if name != "_draft"} for key, one in found.items()}

    async def confirmed(self, collection="items_read"):
        found = (await read_models(self.db, DOCUMENTS))[collection]
        return all("_draft" not in one for one in found.values())


def deep(levels):
    """What MongoDB refuses in a column that no document shows."""
    return [deep(levels - 1)] if levels else []
