"""A record that nobody can read, in the topic of a table, and later changes of the same key behind it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from confluent_kafka import Producer

from chaos.faults.base import Room

_BYTES = b"\x00 chaos: not an envelope"
_EMAIL = "poison.%@chaos.example.org"
_COMMAND = ("cdc_consumer", "dead-letters")
_WAITING = 1  # exit code of `list` when something waits


class Poison:
    """Its row is one of the fault's own; everybody else's records must go on."""

    def describe(self) -> str:
        """See Fault."""
        return "write an unreadable record for one user into Kafka and change that user behind it"

    def inject(self, room: Room) -> None:
        """See Fault."""
        ((key,),) = room.sql(
            "INSERT INTO users (name, email) VALUES ('poisoned', %s) RETURNING id", f"poison.{uuid.uuid4().hex}@chaos.example.org"
        )
        producer = Producer({"bootstrap.servers": room.backend.env["CDC_BROKER"], "partitioner": "murmur2_random", "log_level": 0})
        producer.produce(f"{room.backend.env['CDC_TOPIC_PREFIX']}.public.users", key=f'{{"id":{key}}}', value=_BYTES)
        producer.flush(20)
        room.sql("UPDATE users SET name = 'poisoned, then changed' WHERE id = %s", key)

    def _lanes(self, room: Room) -> list[str]:
        """The keys that wait because of this fault."""
        mine = {f'{{"id":{key}}}' for (key,) in room.sql("SELECT id FROM users WHERE email LIKE %s", _EMAIL)}
        rows = json.loads(room.command(*_COMMAND, "list", "--json", accept=(0, _WAITING)) or "[]")
        return [row["key"] for row in rows if row["key"].partition(" ")[2] in mine]

    def effect(self, room: Room) -> str:
        """See Fault."""
        lanes = self._lanes(room)
        return f"parked: {', '.join(lanes)}" if lanes else ""

    def heal(self, room: Room) -> None:
        """See Fault. The unreadable one is discarded, what waits behind it is replayed."""
        for lane in self._lanes(room):
            letters: list[dict[str, Any]] = json.loads(room.command(*_COMMAND, "show", "--key", lane, "--json"))
            for letter in letters:
                if str(letter["value"]).startswith(_BYTES.decode()):
                    room.command(*_COMMAND, "discard", "--letter", str(letter["letter"]))
            room.command(*_COMMAND, "replay", "--key", lane)
