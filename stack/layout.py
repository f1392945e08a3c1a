"""Where each thing of a stack lies on disk."""

from __future__ import annotations

import hashlib
import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SOCKET_PATH_LIMIT = 90  # the kernel takes 107 bytes, and supervisor adds its pid while it binds
OWNED = ("data", "etc", "log", "run", "env", "secrets.json", "secrets.new", "state.json", "state.new", "postgres", "lock")
"""Everything a stack may write into its directory; `reset` deletes these and nothing else."""


@dataclass(frozen=True)
class Layout:
    """The paths of one stack. `postgres` holds Postgres' data and configuration; see `postgres_home`."""

    directory: Path
    run: Path
    postgres: Path

    @property
    def data(self) -> Path:
        """Data of Kafka, MongoDB and Prometheus, one folder each."""
        return self.directory / "data"

    @property
    def etc(self) -> Path:
        """Filled configuration templates."""
        return self.directory / "etc"

    @property
    def log(self) -> Path:
        """One log a program, rotated by supervisor."""
        return self.directory / "log"

    @property
    def socket(self) -> Path:
        """Supervisor's control socket."""
        return self.run / "supervisor.sock"

    @property
    def pidfile(self) -> Path:
        """Supervisor's pid, written by supervisor."""
        return self.run / "supervisord.pid"

    @property
    def supervisor_conf(self) -> Path:
        """Supervisor's configuration; holds passwords, so only its owner reads it."""
        return self.etc / "supervisord.conf"


def postgres_user() -> str | None:
    """The account that Postgres runs as: None for the caller's own, another one when that is root, which Postgres refuses."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _reachable_by_others(directory: Path) -> bool:
    existing = [path for path in (directory, *directory.parents) if path.exists()]
    return all(path.stat().st_mode & 0o001 for path in existing)


def _digest(directory: Path) -> str:
    return hashlib.sha256(str(directory).encode()).hexdigest()[:12]


def postgres_home(directory: Path, user: str | None) -> Path:
    """Below the stack's directory, or below /var/lib when the other account cannot reach that (a checkout in /root)."""
    recorded = directory / "postgres"
    if recorded.is_symlink():
        return recorded.readlink()
    if user is None or _reachable_by_others(directory):
        return directory / "data" / "postgres"
    return Path("/var/lib/pg-mongo-cdc") / _digest(directory)


def _run_directory(directory: Path) -> Path:
    near = directory / "run"
    if len(os.fsencode(near / "supervisor.sock")) <= _SOCKET_PATH_LIMIT:
        return near
    return Path(tempfile.gettempdir()) / f"pg-mongo-cdc-{os.geteuid()}-{_digest(directory)}"


def layout(directory: Path) -> Layout:
    """The paths of the stack in this directory. Creates nothing."""
    return Layout(directory, _run_directory(directory), postgres_home(directory, postgres_user()))


def create(paths: Layout) -> None:
    """Makes the directories. Raises PermissionError if the socket's directory belongs to somebody else."""
    for path in (paths.directory, paths.data, paths.etc, paths.log):
        path.mkdir(parents=True, exist_ok=True)
    paths.run.mkdir(mode=0o700, exist_ok=True)
    if paths.run.stat().st_uid != os.geteuid() or paths.run.is_symlink():
        raise PermissionError(f"{paths.run} belongs to another user")
    if paths.postgres.parent != paths.data and not (paths.directory / "postgres").is_symlink():
        (paths.directory / "postgres").symlink_to(paths.postgres)
