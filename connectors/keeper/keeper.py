"""The keeper's loop: look, decide, act. Whatever fails is counted and tried again with the next look."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

import structlog

from connectors.client import Connect
from connectors.diagnosis import Kind, diagnose, look
from connectors.errors import CommandError, SourceUnreachableError
from connectors.halt import halt
from connectors.keeper import metrics
from connectors.keeper.decide import Action, Halt, Memory, Restart, Shout, Sweep, decide
from connectors.keeper.settings import KeeperSettings
from connectors.keeper.sweeper import Sweeper
from connectors.settings import ConnectSettings
from connectors.source import Source
from connectors.wait import Deadline

BLIND_SECONDS = 10.0
ACT_SECONDS = 30.0

LOG = structlog.get_logger("keeper")


@dataclass
class Keeper:
    """One look after the other; `trouble` is for /ready and may be asked from another thread."""

    connect: Connect
    source: Source
    capture: ConnectSettings
    settings: KeeperSettings
    sweeper: Sweeper
    memory: Memory = field(default_factory=Memory)
    last_look: float = 0.0
    blind: str = "nothing has been looked at yet"
    failed: str = ""
    state: Kind | None = None

    def run(self) -> None:
        """For ever."""
        while True:
            began = time.monotonic()
            self.step()
            time.sleep(max(0.0, self.settings.look_seconds - (time.monotonic() - began)))

    def step(self) -> None:
        """One look, and what follows from it."""
        try:
            found = diagnose(look(self.connect, self.source), self.capture)
        except CommandError as error:
            self._missed(error)
            return
        self._seen(found.kind, found.reason)
        self.memory, actions = decide(self.memory, found, self.settings, time.monotonic(), random.random())  # noqa: S311 - spreads restarts
        self.failed = found.reason if self.memory.gave_up else ""
        metrics.GAVE_UP.set(self.memory.gave_up)
        metrics.SLOT_LOST.set(bool(self.memory.gap))
        for action in actions:
            try:
                self._act(action)
            except CommandError as error:
                self._missed(error)

    def trouble(self) -> str:
        """Why capture needs somebody, empty when it does not."""
        if self.memory.gap:
            return f"make recover: {self.memory.gap}"
        if self.failed:
            return f"make recover: gave up after {self.memory.tries} restarts. {self.failed}"
        if time.monotonic() - self.last_look > BLIND_SECONDS:
            return self.blind
        return ""

    def _act(self, action: Action) -> None:
        match action:
            case Restart():
                LOG.warning("restarting what is FAILED", cause=action.cause, attempt=action.attempt, of=self.settings.restart_tries)
                self.connect.restart(only_failed=True)
                metrics.RESTARTS.labels(action.cause).inc()
            case Halt():
                if halt(self.connect, action.reason, Deadline(ACT_SECONDS)):
                    LOG.error("connector halted", reason=action.reason)
            case Shout():
                LOG.error(action.event, reason=action.reason, next_step=action.next_step)
            case Sweep():
                self.sweeper.want(action.epoch)

    def _seen(self, kind: Kind, reason: str) -> None:
        if kind is not self.state:
            LOG.info("capture", state=kind.value, reason=reason)
        self.state, self.last_look = kind, time.monotonic()
        metrics.LAST_LOOK.set_to_current_time()

    def _missed(self, error: CommandError) -> None:
        target = "postgres" if isinstance(error, SourceUnreachableError) else "connect"
        metrics.ERRORS.labels(target).inc()
        text = str(error)
        if text != self.blind:
            LOG.warning("cannot look or act", target=target, reason=text, next_step=error.next_step)
        self.blind, self.state = text, None
