"""`recover`: from whatever state capture is in to one that streams and has missed nothing, with the least that helps.

    MISSING            register
    FAILED             restart; as a gap when Debezium does not find its place in the log again, which no restart mends
    PAUSED, STOPPED    resume
    GAP                halt, delete connector, offsets and slot, register: a larger epoch, so a new snapshot replaces everything before
    SNAPSHOT           wait: Connect stores the end of the snapshot after Kafka has acknowledged all of it
    STREAMING          done, once rows that the connector's snapshot did not see are swept away

Nothing is remembered between these steps but what Connect and Postgres hold, so an interrupted call is simply repeated. A gap is written
into the connector's configuration before its offsets go: a connector without offsets would else take its snapshot in the old epoch, whose
streamed rows would win against it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cdc_consumer.readmodel.documents import load
from connectors.checks import check_publication
from connectors.client import Connect
from connectors.delete import delete
from connectors.diagnosis import Diagnosis, Kind, diagnose, look
from connectors.errors import ConnectorFailedError, ConnectorMissingError, NotAgreedError, SourceMismatchError
from connectors.halt import halt
from connectors.register import register
from connectors.settings import ConnectSettings
from connectors.source import Source
from connectors.template import captured_tables
from connectors.wait import Deadline, failure, status_or_none, when_idle

STEP_SECONDS = 90.0
SAY_SECONDS = 5.0
RESTART_SECONDS = 5.0
RESTARTS = 3  # what is still FAILED then is so for a reason that stays
RESTARTED = "restarted what was FAILED"
NO_PLACE = "not present among LSNs seen in the location phase"
"""What Debezium 3.7.0 says, each time, when a TRUNCATE of several tables was the last that it read: its offset counts each table."""
LOOK_SECONDS = 0.5
CANNOT_AGREE = "Look at it and agree: make recover YES=1 (python -m connectors recover --yes)."


@dataclass(frozen=True)
class Recovered:
    """What was done, in order; `buried` are rows by table that had been deleted while nobody captured."""

    name: str
    epoch: int
    done: list[str]
    buried: dict[str, int]


@dataclass
class Recovery:
    """One call. `agree` is asked before a new snapshot; `sweep` removes orphans of an epoch and answers their numbers by table."""

    connect: Connect
    source: Source
    settings: ConnectSettings
    agree: Callable[[str], bool]
    sweep: Callable[[int], dict[str, int]]
    say: Callable[[str], None]
    done: list[str] = field(default_factory=list)
    _agreed: bool = False
    _said: tuple[str, float] = ("", 0.0)
    _restarted_at: float | None = None
    _restarts: int = 0  # of the connector that is there

    def run(self, deadline: Deadline) -> Recovered:
        """Returns once changes are captured and orphans are gone. Raises the errors of `connectors.errors`."""
        while (found := self._look()).kind is not Kind.STREAMING or self._just_restarted():
            if deadline.passed():
                raise ConnectorFailedError(
                    f"{self.settings.name} does not stream after {deadline.seconds:g} s: {found.reason}",
                    "Run make recover again, it goes on where it is; the log of Connect: make logs S=connect.",
                )
            try:
                self._treat(found)
            except ConnectorMissingError:
                self._wait("a Connect that has just started and does not know its connectors yet")
        buried = self.sweep(found.snapshot_epoch) if found.snapshot_epoch else {}
        if rows := sum(buried.values()):
            self.done.append(f"removed {rows} rows deleted meanwhile")
        return Recovered(self.settings.name, found.epoch, self.done, buried)

    def _look(self) -> Diagnosis:
        def ask() -> Diagnosis:
            return diagnose(when_idle(lambda: look(self.connect, self.source), Deadline(STEP_SECONDS)), self.settings)

        found = ask()
        if found.kind is Kind.GAP:  # one look asks one thing after the other: a second one has to agree
            time.sleep(LOOK_SECONDS)
            found = ask()
        return found

    def _treat(self, found: Diagnosis) -> None:
        match found.kind:
            case Kind.GAP:
                self._begin_again(found.reason)
            case Kind.MISSING | Kind.PAUSED | Kind.STOPPED:
                self.say(found.reason)
                self._register()
            case Kind.FAILED:
                self._restart(found)
            case _:
                self._wait(found.reason)

    def _begin_again(self, reason: str) -> None:
        self.say(reason)
        check_publication(self.settings.publication, self.source.published(), captured_tables(load(self.settings.documents)))
        if not self._agreed and not self.agree(
            "The way back is a new snapshot of all captured tables; documents stay readable meanwhile, and are late."
        ):
            raise NotAgreedError(f"{reason} Nothing was done.", CANNOT_AGREE)
        self._agreed, self._restarts = True, 0
        halt(self.connect, reason, Deadline(STEP_SECONDS))
        gone = delete(self.connect, self.source, self.settings, slot=True, offsets=True, deadline=Deadline(STEP_SECONDS))
        self._note(", ".join(gone))
        self._register()

    def _register(self) -> None:
        try:
            made = register(self.connect, self.source, self.settings, epoch=None, deadline=Deadline(STEP_SECONDS, self.say))
        except SourceMismatchError as error:
            if diagnose(look(self.connect, self.source), self.settings).kind is Kind.GAP:
                return  # an older connector's position came to light: the next round treats it
            if (slot := self.source.slot()) is None or slot.usable:
                raise
            self._begin_again(str(error))
            return
        self._note(f"{made.action} the connector, epoch {made.epoch}")

    def _restart(self, found: Diagnosis) -> None:
        if not self._just_restarted():
            status = status_or_none(self.connect, Deadline(STEP_SECONDS))
            if self._restarts >= RESTARTS and status is not None and status.failed:
                if NO_PLACE not in status.trace:
                    raise failure(self.settings.name, status)
                self._begin_again(f"However often it is restarted, the connector does not find its place in the log: {status.cause}")
                return
            self.say(found.reason)
            when_idle(lambda: self.connect.restart(only_failed=True), Deadline(STEP_SECONDS))
            self._restarted_at, self._restarts = time.monotonic(), self._restarts + 1
            self.done.append(RESTARTED)
        self._wait("the restarted task")

    def _just_restarted(self) -> bool:
        """A task that will fail again is RUNNING for a moment, its slot in use."""
        return self._restarted_at is not None and time.monotonic() - self._restarted_at < RESTART_SECONDS

    def _note(self, text: str) -> None:
        if text:
            self.done.append(text)
            self.say(text)

    def _wait(self, what: str) -> None:
        text, since = self._said
        if text != what or time.monotonic() - since > SAY_SECONDS:
            self._said = (what, time.monotonic())
            self.say(f"waiting: {what}")
        time.sleep(LOOK_SECONDS)
