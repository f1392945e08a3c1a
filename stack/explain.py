"""The words that a failed command ends with."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from stack.errors import StackError

_LOG_LINES = 20


def explain(error: StackError, console: Console) -> None:
    """What went wrong, the program's last words and what to do next."""
    if error.log:
        console.print(f"--- the end of {error.log}", highlight=False, markup=False, soft_wrap=True)
        console.print(tail(error.log), highlight=False, markup=False, soft_wrap=True)
    console.print(f"[red]\u2717[/] {escape(error.reason)}", highlight=False, soft_wrap=True)
    if error.advice:
        console.print(error.advice, highlight=False, markup=False, soft_wrap=True)


def tail(path: Path, lines: int = _LOG_LINES) -> str:
    """The last lines of a file; says so if there is none."""
    try:
        with path.open(errors="replace") as file:
            return "".join(deque(file, maxlen=lines)).rstrip() or "(empty)"
    except OSError as error:
        return f"({error.strerror})"
