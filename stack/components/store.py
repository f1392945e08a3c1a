"""The cache: one directory for each pinned thing, complete as soon as it is there.

A component is unpacked into a scratch directory and then renamed to `<name>-<digest of its pin>`. So a directory that exists
is whole, an interrupted download leaves only scratch that the next call removes, and checkouts with other pins live side by side.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stack.errors import StackError

Progress = Callable[[str], None]
LOCK_TIMEOUT = 1200.0
"""Seconds to wait for another process that is filling the same cache."""
_SCRATCH = "unpacking-"


def cache_directory(environment: Mapping[str, str] = os.environ, uid: int | None = None) -> Path:
    """$CDC_CACHE, else /var/cache/pg-mongo-cdc for root and $XDG_CACHE_HOME/pg-mongo-cdc (~/.cache) for anybody else."""
    given = environment.get("CDC_CACHE")
    if given:
        return Path(given).expanduser().absolute()
    if (os.geteuid() if uid is None else uid) == 0:
        return Path("/var/cache/pg-mongo-cdc")
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pg-mongo-cdc"


def home(cache: Path, name: str, pin: str) -> Path:
    """Where the component with this pin lies, or will lie."""
    return cache / f"{name}-{hashlib.sha256(pin.encode()).hexdigest()[:12]}"


@contextmanager
def locked(file: Path, progress: Progress, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Holds a lock file of the cache for this process; a process that dies lets go of it. Raises StackError after `timeout` seconds."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("w")
    except OSError as error:
        raise StackError(
            f"the cache {file.parent} cannot be written: {error.strerror}", advice="Try: CDC_CACHE=/a/writable/directory make up"
        ) from error
    with handle:
        _acquire(handle.fileno(), file, progress, timeout)
        yield


def _acquire(descriptor: int, file: Path, progress: Progress, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    said = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StackError(
                    f"another process has held {file} for {timeout:.0f} s", advice="Wait for it or end it, then: make up"
                ) from None
            if not said:
                progress(f"another process is filling {file.parent}: waiting for it")
                said = True
            time.sleep(0.2)
        else:
            return


def sweep(cache: Path) -> None:
    """Removes what interrupted processes left. The caller holds the lock."""
    for left in cache.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left)


@contextmanager
def unpacking(target: Path) -> Iterator[tuple[Path, Path]]:
    """Two scratch directories: one for downloads, and one that becomes `target` if the block succeeds. The caller holds the lock."""
    scratch = target.parent / f"{_SCRATCH}{target.name}"
    downloads, whole = scratch / "downloads", scratch / "whole"
    try:
        downloads.mkdir(parents=True)
        whole.mkdir()
        yield downloads, whole
        _open_to_all(whole)
        whole.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _open_to_all(directory: Path) -> None:
    """Whatever the umask was: Postgres runs as another user than the one who unpacked it."""
    directory.chmod(0o755)
    for folder, _, files in os.walk(directory):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 or path.parent.name == "bin" else 0o644)


def check_readable(cache: Path, uid: int | None = None) -> None:
    """Raises StackError if root's cache lies where the unprivileged user that runs Postgres cannot go."""
    if (os.geteuid() if uid is None else uid) != 0:
        return
    for directory in (cache, *cache.parents):
        if directory.exists() and not directory.stat().st_mode & 0o001:
            raise StackError(
                f"{directory} is closed to other users, and Postgres, which does not run as root, has to read {cache}",
                advice=f"CDC_CACHE=/var/cache/pg-mongo-cdc make up, or: chmod o+x {directory}",
            )
