"""Checks of what the machine has left: memory, disk, ports; and of who asks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from stack.components.store import cache_directory, check_readable
from stack.doctor.finding import MISSING, OK, WARNING, Finding
from stack.errors import StackError
from stack.layout import layout, postgres_user
from stack.ports import free
from stack.settings import Settings

DOWNLOADS_GB = 0.8
DATA_GB = 2.0
MEMORY_GB = 2.5
"""What the stack's processes hold together under load, with the heap sizes of stack.env."""


def room(lacking: Collection[str], settings: Settings) -> list[Finding]:
    """Everything about this machine's limits."""
    cache = cache_directory()
    return [
        memory(available_gb(Path("/proc/meminfo").read_text(), _read(Path("/sys/fs/cgroup/memory.max")))),
        disk("disk for downloads", cache, free_gb(cache), DOWNLOADS_GB if lacking else 0.0),
        disk("disk for data", settings.directory, free_gb(settings.directory), DATA_GB),
        account(cache),
        ports(settings.ports(), runs(settings)),
    ]


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def available_gb(meminfo: str, limit: str = "") -> float:
    """Memory that can be had, from /proc/meminfo and a container's limit ("max" or bytes)."""
    line = next(line for line in meminfo.splitlines() if line.startswith("MemAvailable:"))
    available = int(line.split()[1]) / 1e6
    return min(available, int(limit) / 1e9) if limit.strip().isdigit() else available


def memory(gigabytes: float) -> Finding:
    """Little memory works until the load grows, so it is a warning."""
    if gigabytes >= MEMORY_GB:
        return Finding("memory", OK, f"{gigabytes:.1f} GB available")
    return Finding("memory", WARNING, f"{gigabytes:.1f} GB available; the stack takes about {MEMORY_GB} GB", advice="End other programs")


def free_gb(path: Path) -> float:
    """Room on the file system that holds this path or will."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free / 1e9


def disk(name: str, path: Path, gigabytes: float, wanted: float) -> Finding:
    """Room for what will be written to this path."""
    if gigabytes >= wanted:
        return Finding(name, OK, f"{gigabytes:.0f} GB free for {path}")
    return Finding(
        name,
        MISSING,
        f"{gigabytes:.1f} GB free for {path}, {wanted} GB are needed",
        advice=f"Free some, or use another disk: {'STACK_DIR' if 'data' in name else 'CDC_CACHE'}=/elsewhere make up",
    )


def account(cache: Path) -> Finding:
    """Postgres refuses root, so root's stack runs it as another user, who has to reach the binaries."""
    user = postgres_user()
    if user is None:
        return Finding("user", OK, f"uid {os.geteuid()}; everything runs as this user")
    try:
        check_readable(cache)
    except StackError as error:
        return Finding("user", MISSING, error.reason, advice=error.advice)
    return Finding("user", OK, f"root; Postgres runs as {user}")


def runs(settings: Settings) -> bool:
    """Whether this stack is up: then its ports are its own."""
    try:
        os.kill(int(layout(settings.directory).pidfile.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def ports(wanted: Mapping[str, int], running: bool, is_free: Callable[[int], bool] = free) -> Finding:
    """Whether nobody else listens where the stack will."""
    if running:
        return Finding("ports", OK, "held by this stack, which is up")
    taken = [f"{port} ({name})" for name, port in wanted.items() if not is_free(port)]
    if not taken:
        return Finding("ports", OK, f"{len(wanted)} free, {min(wanted.values())} to {max(wanted.values())}")
    return Finding(
        "ports", MISSING, f"in use by another program: {', '.join(taken)}", advice="Shift this stack: make up STACK_PORT_OFFSET=1000"
    )
