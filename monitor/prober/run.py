"""Everything together: the threads of one prober."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from cdc_consumer.dead_letters.topic import TOPIC
from cdc_consumer.http import serve
from cdc_consumer.readmodel.codec import CODEC
from cdc_consumer.readmodel.documents import CANARY, load
from cdc_consumer.readmodel.routes import captured_tables, topic_of
from connectors.client import Connect
from monitor.prober.barrier import Evidence
from monitor.prober.board import Board
from monitor.prober.canaries import Canaries
from monitor.prober.connector import ConnectorProbe
from monitor.prober.dead_letters import DeadLettersProbe
from monitor.prober.kafka import Kafka
from monitor.prober.lag import LagProbe
from monitor.prober.metrics import REGISTRY
from monitor.prober.partition import canary_ids
from monitor.prober.probe import Probe
from monitor.prober.reach import HttpProbe, RedisProbe, WorkersProbe
from monitor.prober.reader import Reader
from monitor.prober.replica_set import ReplicaSetProbe
from monitor.prober.sampled import SECONDS, Sampler
from monitor.prober.settings import ProberSettings
from monitor.prober.slot import SlotProbe
from monitor.prober.writer import Writer

MISSING: Final = "no canary of this prober has arrived in every partition yet"
log = structlog.get_logger("prober")

SLOWLY: Final = 10.0
"""Seconds between two counts of the dead letters: they need two components, and nobody acts within seconds."""


@dataclass
class Prober:
    """What runs: canaries and probes."""

    canaries: Canaries
    work: list[Callable[[threading.Event], None]]
    probes: list[Probe]


def mongo(settings: ProberSettings) -> MongoClient[dict[str, Any]]:
    """One client for all; every operation ends within timeout_s. It connects when first used."""
    milliseconds = int(settings.timeout_s * 1000)
    return MongoClient(
        settings.mongo_uri,
        appname="prober",
        timeoutMS=milliseconds,
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        connect=False,
    )


def build(settings: ProberSettings) -> Prober:
    """Everything, not started. Raises ValueError for declarations that cannot be found."""
    seconds, dsn, documents = settings.timeout_s, settings.postgres_dsn.get_secret_value(), load(settings.documents)
    client = mongo(settings)
    db = client.get_database(settings.mongo_db, codec_options=CODEC, read_concern=ReadConcern("majority"))
    canaries = Canaries(canary_ids(settings.partitions), settings.lost_after_s)
    topics = [topic_of(settings.topic_prefix, table) for table in captured_tables(documents)]
    lag = LagProbe(Kafka(settings.broker, seconds, settings.group), topics)
    letters = DeadLettersProbe(Kafka(settings.broker, seconds), f"{settings.topic_prefix}.{TOPIC}", db)
    sampler = Sampler(dsn, db, documents, Evidence(canaries.applied_since, lambda: lag.last), settings.verify_documents)

    components: dict[str, Any] = {
        "postgres": SlotProbe(dsn, settings.slot, seconds),
        "kafka": lag,
        "connect": ConnectorProbe(Connect(settings.connect_url, settings.connect_name, timeout=seconds)),
        "mongo": ReplicaSetProbe(client),
        "api": HttpProbe(f"{settings.api_url}/livez", seconds),
        "redis": RedisProbe(settings.redis_url, seconds),
        "prometheus": HttpProbe(f"{settings.prometheus_url}/-/ready", seconds),
    }
    if settings.worker_targets:
        components["worker"] = WorkersProbe(Path(settings.worker_targets), seconds)
    probes = [Probe(name, component.look, settings.interval_s, name) for name, component in components.items()]
    probes += [
        Probe("dead letters", letters.look, SLOWLY),
        Probe("verify", sampler.look, settings.verify_every_s, patience=SECONDS / 2),  # a look has two bounded waits
    ]
    reader = Reader(canaries, db[CANARY.collection])
    return Prober(canaries, [Writer(canaries, dsn, seconds).run, reader.run], probes)


def run(settings: ProberSettings, stop: threading.Event) -> bool:
    """Probes until `stop`; False when a canary's thread ended by an error that nobody foresaw. Raises OSError when the port is taken."""
    prober, board, broken = build(settings), Board(), threading.Event()
    REGISTRY.register(board)
    serve(settings.metrics_host, settings.metrics_port, lambda: "" if prober.canaries.arrived() else MISSING, REGISTRY)

    def guarded(work: Callable[[threading.Event], None]) -> None:
        try:
            work(stop)
        except Exception:
            log.exception("the prober ends, for its supervisor to start it anew")
            broken.set()
            stop.set()

    for number, work in enumerate(prober.work):
        threading.Thread(target=guarded, args=(work,), name=f"canary-{number}", daemon=True).start()
    for probe in prober.probes:
        threading.Thread(target=probe.run, args=(board, stop), name=probe.name, daemon=True).start()
    stop.wait()
    return not broken.is_set()
