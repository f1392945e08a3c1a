"""What a subject of a benchmark can do: be started on some topics into some database, and be stopped again."""

from __future__ import annotations

from typing import Any, Protocol

from bench.tape import Tape
from bench.views import View


class Sink(Protocol):
    """What is measured."""

    name: str
    title: str
    view: View

    def warm(self) -> None:
        """Make everything ready that stays between runs."""

    def start(self, tape: Tape, database: str, label: str) -> str:
        """Begin to read these topics; answers the consumer group, which is a new one for each label."""

    def stop(self) -> None:
        """End. Harmless when nothing runs."""

    def pid(self) -> int:
        """The process that does the work."""

    def state(self) -> str:
        """RUNNING, or what else it says of itself."""

    def next_phase(self, before: Tape, after: Tape, database: Any) -> None:
        """Make the documents of one phase those that the next one finds."""
