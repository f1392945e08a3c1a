"""MongoDB's processes: a replica set of one, or of three (MONGO_NODES=3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stack.settings import HOST, Settings

# A lone member has the defaults. Three elect another primary when theirs has been silent for 4 s, and do not wait for clients to leave.
_QUIESCE_MS = {1: "15000", 3: "1000"}
_ELECTION = {"electionTimeoutMillis": 4000, "heartbeatIntervalMillis": 1000}


@dataclass(frozen=True)
class Member:
    """One process. `port` is the name of its port in stack.env, `cache` that of a size."""

    name: str
    port: str
    cache: str

    @property
    def file(self) -> str:
        """Its configuration's name below etc."""
        return "mongod.conf" if self.name == "mongo" else f"{self.name}.conf"


def members(settings: Settings) -> list[Member]:
    """MongoDB's processes."""
    if settings.state.mongo_nodes == 1:
        return [Member("mongo", "MONGO", "MONGO_CACHE_GB")]
    return [Member(f"mongo-{n}", "MONGO" if n == 1 else f"MONGO_{n}", "MONGO_NODE_CACHE_GB") for n in (1, 2, 3)]


def address(settings: Settings, member: Member) -> str:
    """Where everybody reaches it, as host:port; also its name in the set."""
    return f"{HOST}:{settings.port(member.port)}"


def uri(settings: Settings) -> str:
    """All of the set, for clients."""
    hosts = ",".join(address(settings, member) for member in members(settings))
    return f"mongodb://{hosts}/?replicaSet={settings.shared['MONGO_REPLICA_SET']}"


def config(name: str, hosts: list[str]) -> dict[str, Any]:
    """What replSetInitiate is given."""
    found: dict[str, Any] = {"_id": name, "version": 1, "members": [{"_id": n, "host": host} for n, host in enumerate(hosts)]}
    if len(hosts) > 1:
        found["settings"] = _ELECTION
    return found


def values(settings: Settings, member: Member, data: str) -> dict[str, str]:
    """What its configuration says that another member's does not. `data` is its directory."""
    return {
        "MONGO_DATA": data,
        "MONGO_PORT": str(settings.port(member.port)),
        "MONGO_CACHE_GB": settings.shared[member.cache],
        "MONGO_QUIESCE_MS": _QUIESCE_MS[settings.state.mongo_nodes],
    }


LONE_QUIESCE_MS = _QUIESCE_MS[1]
