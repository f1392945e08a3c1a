"""MongoDB: the members of the replica set, and how far back its log goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo import MongoClient, ReadPreference

from monitor.prober.board import Family, Sample

STATES: Final = ("primary", "secondary", "recovering", "startup", "startup2", "rollback", "arbiter", "down", "unknown", "removed")

PRIMARY: Final = Family("cdc_mongo_primary", "Whether the replica set has a primary")
MEMBER: Final = Family("cdc_mongo_member_state", "State of each member: 1 for the one that holds", ("member", "state"))
WINDOW: Final = Family("cdc_mongo_oplog_window_seconds", "Time between the oldest and the newest entry of the oplog")


@dataclass
class ReplicaSetProbe:
    """Asks whichever member answers. The client bounds every wait."""

    client: MongoClient[dict[str, Any]]

    def look(self) -> list[Sample]:
        """Raises PyMongoError."""
        status = self.client.admin.command("replSetGetStatus", read_preference=ReadPreference.PRIMARY_PREFERRED)
        oplog = self.client.local.get_collection("oplog.rs", read_preference=ReadPreference.PRIMARY_PREFERRED)
        first, last = (oplog.find_one({}, {"ts": 1}, sort=[("$natural", way)]) for way in (1, -1))
        window = [WINDOW.of(last["ts"].time - first["ts"].time)] if first and last else []
        return [*member_samples(status), *window]


def member_samples(status: Mapping[str, Any]) -> Iterator[Sample]:
    """From the answer of replSetGetStatus."""
    states = {member["name"]: str(member["stateStr"]).lower() for member in status["members"]}
    yield PRIMARY.of("primary" in states.values())
    for name, state in states.items():
        # "(not reachable/healthy)" is what the others say of a member that is down
        yield from MEMBER.one_hot(STATES, state if state in STATES else "down", name)
