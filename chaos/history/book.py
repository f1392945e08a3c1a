"""The history of one run: kept in memory for the checker, and on disk line by line, so that a crash loses nothing of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from chaos.history.records import Line, Mark, Read, Sample, Seen, Write, from_json, to_json


@dataclass
class History:
    """Lines by kind, each in the order in which they ended."""

    writes: list[Write] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """One line more."""
        lists: dict[type[Any], list[Any]] = {
            Write: self.writes,
            Read: self.reads,
            Seen: self.seen,
            Mark: self.marks,
            Sample: self.samples,
        }
        lists[type(line)].append(line)

    def mark(self, name: str) -> float | None:
        """When the first mark of this name was made."""
        return next((mark.at for mark in self.marks if mark.name == name), None)

    def last_mark(self, name: str) -> float | None:
        """When the last mark of this name was made."""
        return next((mark.at for mark in reversed(self.marks) if mark.name == name), None)


class Book:
    """Writes a history while it happens. Safe from any thread."""

    def __init__(self, path: Path | None = None) -> None:
        self.history = History()
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = path.open("wb") if path else None

    def write(self, line: Line) -> None:
        """Adds a line."""
        with self._lock:
            self.history.add(line)
            if self._file:
                self._file.write(orjson.dumps(to_json(line), default=str, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """Everything is on disk; lines that come later stay in memory."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None


def load(path: Path) -> History:
    """The history in a file."""
    return collect(from_json(orjson.loads(text)) for text in path.read_bytes().splitlines())


def collect(lines: Iterable[Line]) -> History:
    """The history of these lines."""
    found = History()
    for line in lines:
        found.add(line)
    return found
