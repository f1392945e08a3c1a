"""What goes wrong with a stack, in words that say what to do next."""

from __future__ import annotations

from pathlib import Path


class StackError(Exception):
    """A command cannot be carried out. `advice` is the next thing to do, `log` the program's log to look at."""

    def __init__(self, reason: str, *, advice: str = "", log: Path | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.log = log


class NotReadyError(Exception):
    """A program does not serve yet; the message says what is missing. Expected while it starts."""


class CancelledError(Exception):
    """Another step failed, or the user pressed Ctrl-C."""
