"""A value that somebody asks for again and again: what hangs with a frozen component hangs alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
OLD_SECONDS = 5.0


@dataclass
class Polled(Generic[T]):
    """Asks every `every` seconds in a thread of its own. `value` is None when there is no answer that is at most 5 s old."""

    name: str
    ask: Callable[[], T]
    every: float = 1.0
    _value: T | None = None
    _at: float = float("-inf")
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to ask."""
        threading.Thread(target=self._run, name=f"poll {self.name}", daemon=True).start()

    def stop(self) -> None:
        """Ask no more; an answer that still hangs is not waited for."""
        self._stop.set()

    @property
    def value(self) -> T | None:
        """The last answer."""
        return self._value if time.monotonic() - self._at < OLD_SECONDS else None

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._value = self.ask()
                self._at = time.monotonic()
            except Exception:  # noqa: BLE001 - whatever it is, the value is not known
                self._at = float("-inf")
            self._stop.wait(self.every)
