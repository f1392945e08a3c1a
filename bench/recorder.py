"""Recording phases: write to Postgres, wait for capture, keep the records as a tape."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from bench.tape import Tape, copied, empty
from bench.topics import Topics

CAPTURE_SECONDS: Final = 300.0


class Recorder:
    """Keeps the records of phases, one after the other."""

    def __init__(self, topics: Topics, live: str, say: Callable[[str], None]) -> None:
        """`live` is the prefix of the topics that capture writes to."""
        self._topics = topics
        self._live = live
        self._say = say
        self._last = Tape("", empty())
        self._ends = topics.ends(live)

    def record(self, name: str, write: Callable[[], int]) -> Tape:
        """Write a phase and keep its records. `write` answers how many changes it made."""
        began = time.monotonic()
        changes = write()
        written = time.monotonic()
        ends = self._captured(changes)
        tape = Tape(f"bench-{name}", copied(self._last.state))
        self._topics.copy(self._live, self._ends, ends, tape)
        self._ends, self._last = ends, tape
        self._say(
            f"{name}: {tape.records:,} records; written in {written - began:.0f} s, captured and kept in {time.monotonic() - written:.0f} s"
        )
        return tape

    def restart(self, write: Callable[[], int]) -> None:
        """Empty the tables: what comes next is recorded onto nothing. `write` answers how many records that makes."""
        self._ends, self._last = self._captured(write()), Tape("", empty())

    def _captured(self, changes: int) -> dict[tuple[str, int], int]:
        wanted, end = sum(self._ends.values()) + changes, time.monotonic() + CAPTURE_SECONDS
        while sum((ends := self._topics.ends(self._live)).values()) < wanted:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"capture has {sum(ends.values()) - wanted + changes} of {changes} changes after {CAPTURE_SECONDS:.0f} s"
                )
            time.sleep(0.1)
        return ends
