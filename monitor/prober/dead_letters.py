"""Dead letters that wait: counted by offsets and by what is settled, without reading the topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pymongo.database import Database

from cdc_consumer.dead_letters.parked import PARKED, SETTLED
from monitor.prober.board import Family, Sample
from monitor.prober.kafka import Kafka

WAITING: Final = Family("cdc_dead_letters_waiting", "Records set aside and neither replayed nor discarded")
KEYS: Final = Family("cdc_dead_letter_keys", "Keys that wait behind such a record")


@dataclass
class DeadLettersProbe:
    """Needs both Kafka and MongoDB; without either nothing is known."""

    kafka: Kafka
    topic: str
    db: Database[dict[str, Any]]

    def look(self) -> list[Sample]:
        """Raises PyMongoError, KafkaException or TimeoutError."""
        try:
            return self._look()
        except Exception:
            self.kafka.renew()
            raise

    def _look(self) -> list[Sample]:
        # Settled letters first: one that is settled meanwhile is counted once too often, not once too little.
        settled = self.db[SETTLED]
        places = self.kafka.partitions([self.topic])
        first = self.kafka.first(places)
        done = sum(settled.count_documents({"_id": {"$gte": offset}}) for offset in first.values())
        kept = sum(end - first[place] for place, end in self.kafka.ends(places).items())
        return [WAITING.of(max(kept - done, 0)), KEYS.of(self.db[PARKED].count_documents({}))]
