"""Experiments on several of a kind: three brokers, three MongoDB nodes."""

from __future__ import annotations

from collections.abc import Callable

from chaos.checker.alerts import Expected
from chaos.experiments.entry import LATE, Entry
from chaos.experiments.expectations import expected
from chaos.faults.base import Fault
from chaos.faults.brokers import AllBrokers, BelowMinIsr, ControllerGone, LeaderGone, lacks_brokers
from chaos.faults.members import NoMajority, PrimaryGone, StepDown, lacks_members

# A broker that is away: its copies are missing, its metrics too, and whoever talked to it may have had to connect anew.
_ONE_AWAY = ("ExporterDown", "CdcSlotInactive", "CdcHeartbeatStale", "CdcRebalanceStorm", "CdcOffsetCommitFailing", "CdcQueueNearFull")
_PAUSED = (*LATE, *_ONE_AWAY, "CdcConnectorOrTaskFailed", "KafkaUnderReplicated", "CdcComponentDown", "CdcSinkStuck", "CdcLagGrowing")


def of_brokers() -> list[Entry]:
    """Those that need BROKERS=3."""
    survived = "the other two take over: writes go on, reads are on time again while it lasts, nothing is lost"
    return [
        *(
            Entry(
                f"{verb}-broker-leader",
                lambda frozen=frozen: LeaderGone(frozen),  # type: ignore[misc]
                survived,
                lambda: Expected({"KafkaUnderReplicated": 60}, (*LATE, *_ONE_AWAY)),
                carry_within=within,
                duration=within + 15.0,
                lacks=lacks_brokers,
            )
            # Who asks a frozen broker is not refused: it waits for its own time-out, see stack/brokers.py.
            for verb, frozen, within in (("kill", False, 10.0), ("freeze", True, 20.0))
        ),
        Entry(
            "below-min-isr",
            BelowMinIsr,
            "capture pauses, since two copies cannot be had; writes and reads go on, all arrives when a broker is back",
            lambda: Expected({"KafkaUnderMinIsr": 60}, _PAUSED),
            lacks=lacks_brokers,
        ),
        Entry(
            "kill-brokers",
            AllBrokers,
            "capture pauses; writes and reads go on, all arrives when the brokers are back",
            lambda: Expected({"KafkaOfflinePartitions": 60, "CdcCanaryLost": 100}, _PAUSED),
            lacks=lacks_brokers,
        ),
        Entry(
            "kill-controller",
            ControllerGone,
            "everything goes on as it was, since no leader has to change",
            lambda: Expected({"KafkaNoController": 75}, ("ExporterDown", "CdcComponentDown")),
            carry_within=10.0,
            duration=25.0,
            lacks=lacks_brokers,
        ),
    ]


def of_members() -> list[Entry]:
    """Those that need MONGO_NODES=3."""
    survived = "another one is elected: writes go on, reads answer 503 until then and are on time again while it lasts, nothing is lost"
    one_away = ("MongoLag", "CdcApiErrors", "CdcHeartbeatStale")
    # An operation of the worker that a frozen primary does not answer ends after 20 s (cdc_consumer/mongo.py), one that began late later.
    made: list[tuple[str, Callable[[], Fault], Expected, float]] = [
        ("step-down-mongo", StepDown, Expected(may=one_away), 10.0),
        ("kill-mongo-primary", PrimaryGone, Expected({"MongoLag": 60}, one_away), 10.0),
        ("freeze-mongo-primary", lambda: PrimaryGone(frozen=True), Expected({"MongoLag": 60}, (*LATE, *one_away)), 35.0),
    ]
    return [
        *(
            Entry(
                name,
                fault,
                survived,
                lambda alerts=alerts: alerts,  # type: ignore[misc]
                carry_within=within,
                duration=within + 15.0,
                lacks=lacks_members,
            )
            for name, fault, alerts, within in made
        ),
        Entry(
            "no-mongo-majority",
            NoMajority,
            "reads answer 503, writes go on; what the majority had is there when it is back",
            lambda: expected("mongo", "stopped"),
            lacks=lacks_members,
        ),
    ]
