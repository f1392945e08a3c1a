"""Every experiment there is. `make chaos-list` prints this table; `make chaos-NAME` runs a row of it."""

from __future__ import annotations

from chaos.checker.alerts import Expected
from chaos.experiments.entry import CAPTURE, LATE, Entry
from chaos.experiments.expectations import expected
from chaos.experiments.networks import of_networks
from chaos.experiments.sets import of_brokers, of_members
from chaos.faults.connector import Delete, Lockout, Pause
from chaos.faults.disk import FullDisk
from chaos.faults.lock import LockWrites
from chaos.faults.loss import DeleteRecords, LoseLog
from chaos.faults.poison import Poison
from chaos.faults.process import Crash, Freeze, Kill, Restart
from chaos.faults.schema import RenameColumn
from chaos.faults.slot import DropSlot
from chaos.faults.tamper import Tamper
from chaos.faults.transaction import LongTransaction

HOLDS = {
    "kafka": "writes and reads go on, reads are late; Postgres keeps the log; nothing is lost",
    "connect": "writes and reads go on, reads are late; Connect resumes where it was",
    "worker": "writes and reads go on, reads are late; nothing was acknowledged to Kafka that is not in MongoDB",
    "postgres": "writes answer 503 and say whether they were made; reads go on",
    "mongo": "reads answer 503, writes go on; nothing is parked, the worker stays in its group",
    "redis": "nothing: tags are counted on every call",
    "api": "clients are refused; the pipeline goes on",
    "prober": "nothing but that nobody measures: the absence of its canaries is an alarm",
    "keeper": "nothing: a task that fails meanwhile stays failed",
    "prometheus": "nothing but that nobody watches",
}
BROKER = {"kafka": "broker"}  # what people call it


def _process() -> list[Entry]:
    found = []
    for component, holds in HOLDS.items():
        stops, word = component in {"postgres", "api"}, BROKER.get(component, component)
        made: dict[str, tuple[type[Kill | Freeze | Crash], str]] = {
            "kill": (Kill, "stopped"),
            "freeze": (Freeze, "stopped"),
            "crash": (Crash, "killed"),
            "restart": (Restart, "killed"),
        }
        for verb, (fault, how) in made.items():
            away = how == "stopped"
            found.append(
                Entry(
                    f"{verb}-{word}",
                    lambda fault=fault, component=component: fault(component),  # type: ignore[misc]
                    holds,
                    lambda component=component, how=how: expected(component, how),  # type: ignore[misc]
                    stops_writes=stops,
                    duration=20.0 if away else 8.0,
                )
            )
    return found


def _others() -> list[Entry]:
    return [
        Entry(
            "pause-connector", Pause, "reads are late; Postgres keeps the log; all arrives after resuming", lambda: Expected(may=CAPTURE)
        ),
        Entry(
            "lock-out-connector", Lockout, "the task fails or retries; after the login is back all arrives", lambda: Expected(may=CAPTURE)
        ),
        Entry(
            "delete-connector",
            Delete,
            "Postgres keeps the log; registered again, it goes on where it was",
            lambda: Expected({"CdcConnectorOrTaskFailed": 60}, CAPTURE),
        ),
        Entry(
            "lose-log",
            LoseLog,
            "loud, and not papered over; `recover` closes the gap with a new snapshot",
            lambda: Expected({"CdcSlotWalStatusBad": 60}, (*CAPTURE, "CdcReplicaDivergence")),
            recover_within=None,
        ),
        Entry(
            "delete-records",
            DeleteRecords,
            "loud; a snapshot brings back what was lost, and removes what was deleted",
            lambda: Expected({"CdcOffsetGap": 60}, (*LATE, "CdcReplicaDivergence")),
            recover_within=None,
        ),
        Entry(
            "lock-mongo",
            LockWrites,
            "writes go on, reads are late or answer 503; nothing is parked, the worker goes on where it was",
            lambda: Expected({"CdcSinkStuck": 80}, (*LATE, "CdcApiErrors", "CdcLagGrowing", "CdcHeartbeatStale", "CdcVerifyStale")),
        ),
        Entry(
            "tamper-mongo",
            Tamper,
            "the comparison with SQL finds it; building the row anew mends it",
            lambda: Expected({"CdcReplicaDivergence": 180}),
            recover_within=None,
        ),
        Entry(
            "drop-slot",
            DropSlot,
            "the gap is not papered over; `recover` closes it with a new snapshot",
            lambda: Expected({"CdcSlotMissing": 60}, (*CAPTURE, "CdcReplicaDivergence")),
            recover_within=None,
        ),
        Entry(
            "poison-record",
            Poison,
            "the record parks with its bytes and cause and blocks only its key",
            lambda: Expected({"CdcDlqNotEmpty": 60}, (*LATE, "CdcReplicaDivergence")),
            recover_within=None,
        ),
        Entry(
            "rename-column", RenameColumn, "no row is read without the column for good; writes of items fail meanwhile", recover_within=None
        ),
        Entry("long-transaction", LongTransaction, "nothing is late; the slot holds back the log", duration=15.0),
        Entry(
            "fill-disk-mongo",
            FullDisk,
            "as if MongoDB were down; it comes back with its data",
            lambda: expected("mongo", "stopped"),
            recover_within=None,
        ),
    ]


ENTRIES: dict[str, Entry] = {entry.name: entry for entry in (*_process(), *_others(), *of_brokers(), *of_members(), *of_networks())}


def entry(name: str) -> Entry:
    """The experiment of this name. Raises KeyError naming those that are near."""
    if name not in ENTRIES:
        near = [known for known in ENTRIES if set(name.split("-")) & set(known.split("-"))]
        raise KeyError(f"there is no experiment {name!r}; there are {', '.join(near or ENTRIES)}")
    return ENTRIES[name]
