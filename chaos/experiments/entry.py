"""What an experiment is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.backends import Backend
from chaos.checker.alerts import REMEMBERS, Expected
from chaos.faults.base import Fault

LATE = (REMEMBERS, "CdcFreshnessBurnSlow", "CdcCanaryLost", "CdcReceiveDelay")
CAPTURE = (*LATE, "CdcConnectorOrTaskFailed", "CdcSlotMissing")  # pages that a capture which stands still may explain
_BEYOND = 15.0  # seconds beyond the moment at which an alert must fire


@dataclass(frozen=True)
class Entry:
    """One experiment.

    `stops_writes`: no write can be acknowledged while it lasts. `recover_within` and `carry_within` are claims, in
    seconds. `lacks` says what a pipeline would need for it, and does not have.
    """

    name: str
    fault: Callable[[], Fault]
    holds: str
    alerts: Callable[[], Expected] = field(default=lambda: Expected(may=LATE))
    stops_writes: bool = False
    recover_within: float | None = 10.0
    duration: float = 20.0
    carry_within: float | None = None
    lacks: Callable[[Backend], str] = lambda _: ""
    phases: tuple[str, ...] = ("stream", "snapshot")

    def recovers_within(self, phase: str) -> float | None:
        """The claim in a phase. None is made in a snapshot: what clients write waits behind its rows, however long they take."""
        return None if phase == "snapshot" else self.recover_within

    def lasts(self, *, alerts: bool) -> float:
        """Seconds that the fault lasts; with `alerts`, until each that must fire must have fired."""
        longest = max(self.alerts().must.values(), default=0.0)
        return max(self.duration, longest + _BEYOND) if alerts and longest else self.duration
