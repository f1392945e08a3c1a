"""What processes cost: processor seconds and memory, from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of the children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def peak_mb(pid: int) -> float:
    """The most memory that a process has had at once, in MB (VmHWM)."""
    return _status(pid, "VmHWM")


def resident_mb(pid: int) -> float:
    """The memory that a process has now, in MB (VmRSS)."""
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1000


class Meter:
    """Processor seconds of named processes since it was made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._before = self._now(self._pids)

    def _now(self, names: Iterable[str]) -> dict[str, float]:
        return {name: cpu_seconds(self._pids[name]) for name in names}

    def seconds(self) -> dict[str, float]:
        """By name."""
        return {name: round(after - self._before[name], 2) for name, after in self._now(self._pids).items()}
