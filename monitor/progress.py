"""Progress on stderr: a bar on a terminal, a plain line every few seconds elsewhere (logs, CI)."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

PLAIN_SECONDS = 2.0


class Step(Protocol):
    """Tells how far one task is."""

    def __call__(self, advance: int) -> None:
        """So many more are done."""


class Reporter(Protocol):
    """Shows tasks one after the other."""

    def task(self, name: str, total: int | None) -> Step:
        """Begin a task of `total` units, None when nobody knows."""


class Silent:
    """Shows nothing."""

    def task(self, name: str, total: int | None) -> Step:  # noqa: ARG002 - the protocol's
        """See Reporter."""
        return lambda advance: None  # noqa: ARG005 - the protocol's


class Plain:
    """Lines like `seeding items: 12,000 of 50,000`, at most one every two seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def task(self, name: str, total: int | None) -> Step:
        """See Reporter."""
        done, said = 0, time.monotonic()

        def step(advance: int) -> None:
            nonlocal done, said
            done += advance
            if time.monotonic() - said >= PLAIN_SECONDS:
                said = time.monotonic()
                print(f"{name}: {done:,}" + (f" of {total:,}" if total is not None else ""), file=self._stream, flush=True)

        return step


class Bars:
    """A bar for each task."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def task(self, name: str, total: int | None) -> Step:
        """See Reporter."""
        task = self._progress.add_task(name, total=total)
        return lambda advance: self._progress.update(task, advance=advance)


@contextmanager
def reporter(stream: TextIO | None = None) -> Iterator[Reporter]:
    """A reporter that suits the stream (default stderr)."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield Plain(stream)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream)) as progress:
        yield Bars(progress)
