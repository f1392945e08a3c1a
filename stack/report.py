"""Progress in a terminal: a line for each finished step, and below them what is still being waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape

_REMIND_SECONDS = 5.0


class TerminalReport:
    """A `Report`, used as a context. Where there is no terminal it prints plain lines, and reminds of slow steps every few seconds."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self._clock = clock
        self._began = clock()
        self._running: dict[str, tuple[float, str]] = {}
        self._reminded: dict[str, float] = {}
        self._lock = threading.Lock()
        self._live = console.status("starting") if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    @property
    def seconds(self) -> float:
        """How long this report has been going on."""
        return self._clock() - self._began

    def started(self, step: str) -> None:
        """A step began."""
        with self._lock:
            self._running[step] = (self._clock(), "")
            self._reminded[step] = self._clock()
            self._refresh()

    def note(self, step: str, text: str) -> None:
        """What a running step waits for."""
        with self._lock:
            since, before = self._running.get(step, (self._clock(), ""))
            self._running[step] = (since, text)
            if self._live:
                if text != before:
                    self._refresh()
            elif self._clock() - self._reminded.get(step, 0.0) >= _REMIND_SECONDS:
                self._reminded[step] = self._clock()
                self._line(f"  ... {step}: {text} ({self._clock() - since:.0f} s)")

    def finished(self, step: str, text: str) -> None:
        """A step is done; steps with nothing to say are passed over."""
        with self._lock:
            self._running.pop(step, None)
            if text:
                line = f"[green]\u2713[/] [bold]{escape(step):<12}[/] {escape(text)} [dim]{self.seconds:.1f} s[/]"
                self.console.print(line, highlight=False, soft_wrap=True)
            self._refresh()

    def _line(self, text: str) -> None:
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _refresh(self) -> None:
        if self._live:
            parts = [f"{name}: {text}" if text else name for name, (_, text) in self._running.items()]
            self._live.update(escape("  |  ".join(parts)[: max(20, self.console.width - 6)]) or "...")
