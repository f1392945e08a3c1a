"""Kafka's processes: one that is broker and controller, or (BROKERS=3) three brokers beside a controller of their own.

With three, every topic has three copies, and a write is acknowledged when two have it. The controller stands apart, so that a fault of
brokers is just that: two of three gone leave partitions below min ISR, and still a controller that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stack import routes
from stack.settings import HOST, Settings

SIZES = (1, 3)
MIN_ISR = {1: 1, 3: 2}
CONTROLLER = "kafka-controller"
_CONTROLLER_ID = 100
# A lone broker has the defaults. Of three, one that is silent for 4 s is no leader any more: half of what readers may wait.
_SESSION_MS = {1: "9000", 3: "4000"}
_HEARTBEAT_MS = {1: "2000", 3: "500"}
# A leader that is frozen answers nobody, and others have taken over long before clients would give it up by themselves (30, 40 and 90 s).
_PRODUCER_MS = {1: "30000", 3: "5000"}
_CONNECT_MS = {1: "40000", 3: "5000"}
_CONNECT_API_MS = {1: "60000", 3: "10000"}
_CONNECT_HEARTBEAT_MS = {1: "3000", 3: "5000"}
_WORKER_SECONDS = "15"


@dataclass(frozen=True)
class Node:
    """One process. `port` and `metrics` are names of ports in stack.env, `heap` that of a size."""

    name: str
    id: int
    roles: str
    port: str
    metrics: str
    heap: str

    @property
    def file(self) -> str:
        """Its configuration's name below etc."""
        return f"{self.name}.properties"

    @property
    def serves(self) -> bool:
        """Whether clients talk to it."""
        return "broker" in self.roles


def nodes(settings: Settings) -> list[Node]:
    """Kafka's processes in the order in which they start: the controller first."""
    if settings.state.brokers == 1:
        return [Node("kafka", 1, "broker,controller", "KAFKA", "KAFKA_METRICS", "KAFKA_HEAP")]
    more = [Node(f"kafka-{n}", n, "broker", f"KAFKA_{n}", f"KAFKA_{n}_METRICS", "KAFKA_NODE_HEAP") for n in (2, 3)]
    return [
        Node(CONTROLLER, _CONTROLLER_ID, "controller", "KAFKA_CONTROLLER", "KAFKA_CONTROLLER_METRICS", "KAFKA_CONTROLLER_HEAP"),
        Node("kafka-1", 1, "broker", "KAFKA", "KAFKA_METRICS", "KAFKA_NODE_HEAP"),
        *more,
    ]


def address(settings: Settings, node: Node) -> str:
    """Where its clients reach it, as host:port."""
    return f"{HOST}:{settings.port(node.port)}"


def bootstrap(settings: Settings) -> str:
    """Every broker, for those who look for one."""
    return ",".join(address(settings, node) for node in nodes(settings) if node.serves)


def copies(count: int) -> dict[str, str]:
    """What the templates ask for where only the number of brokers matters. Also serves compose, which has one."""
    return {
        "KAFKA_COPIES": str(count),
        "KAFKA_MIN_ISR": str(MIN_ISR[count]),
        "KAFKA_CONTROLLER": "1" if count == 1 else str(_CONTROLLER_ID),
        "KAFKA_BROKER_SESSION_MS": _SESSION_MS[count],
        "KAFKA_BROKER_HEARTBEAT_MS": _HEARTBEAT_MS[count],
        "KAFKA_PRODUCER_TIMEOUT_MS": _PRODUCER_MS[count],
        "KAFKA_CONNECT_TIMEOUT_MS": _CONNECT_MS[count],
        "KAFKA_CONNECT_API_TIMEOUT_MS": _CONNECT_API_MS[count],
        "KAFKA_CONNECT_HEARTBEAT_MS": _CONNECT_HEARTBEAT_MS[count],
    }


def told(settings: Settings) -> dict[str, str]:
    """Variables that only a pipeline of several brokers has."""
    if settings.state.brokers == 1:
        return {}
    return {"CONNECT_REPLICATION_FACTOR": str(settings.state.brokers), "CDC_REQUEST_TIMEOUT": _WORKER_SECONDS}


LONE: Mapping[str, str] = copies(1) | {"KAFKA_ROLES": "broker,controller", "KAFKA_NODE": "1"}
"""The node of a pipeline that has no other."""


def values(settings: Settings, node: Node, data: str) -> dict[str, str]:
    """What its configuration says that another node's does not. `data` is its directory."""
    listener = f"PLAINTEXT://{address(settings, node)}"
    controller = f"CONTROLLER://{HOST}:{settings.port('KAFKA_CONTROLLER')}"
    routed = routes.listeners(settings)
    clients = f"{listener}{routed['listens']}"
    listeners = {"broker,controller": f"{clients},{controller}", "broker": clients, "controller": controller}[node.roles]
    return {
        "KAFKA_ROLES": node.roles,
        "KAFKA_NODE": str(node.id),
        "KAFKA_LISTENERS": listeners,
        "KAFKA_ADVERTISED_LISTENERS": f"{listener}{routed['says']}" if node.serves else controller,
        "KAFKA_LISTENER_PROTOCOLS": f"PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT{routed['protocols']}",
        "KAFKA_DATA": data,
    }
