"""The subjects of a benchmark, by name."""

from __future__ import annotations

from bench.connector import Connector
from bench.peers import PEERS
from bench.place import Place
from bench.sink import Sink
from bench.views import Joined, Rows
from bench.worker import Worker


def sinks(place: Place) -> dict[str, Sink]:
    """All subjects by name."""
    ours: list[Sink] = [
        Worker(place, "mirror", "worker, mirrors only", Rows(), {"CDC_MIRRORS_ONLY": "True", "CDC_DOCUMENTS": "bench.documents:PLAIN"}),
        Worker(place, "joined", "worker, joined documents", Joined(), {"CDC_DOCUMENTS": "bench.documents:PLAIN"}),
        Worker(
            place,
            "indexed",
            "worker, joined, with the API's indexes",
            Joined("users_read", "items_read"),
            {"CDC_DOCUMENTS": "cdc_consumer.readmodel.documents:FOR_CLIENTS"},
        ),
    ]
    peers: list[Sink] = [Connector(place, peer) for peer in PEERS]
    return {sink.name: sink for sink in (*ours, *peers)}
