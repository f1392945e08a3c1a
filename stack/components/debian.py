"""Servers from the distribution's packages: downloaded and unpacked by apt-get and dpkg, without root and without installing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from stack.components.command import run
from stack.components.store import Progress
from stack.errors import StackError

_LIST_TIMEOUT = 120.0


def _options(directory: Path) -> list[str]:
    """A private state for apt, so that neither root nor a recent `apt-get update` is needed."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State": directory / "state",
        "Dir::State::Lists": directory / "state" / "lists",
        "Dir::State::Status": "/var/lib/dpkg/status",
        "Dir::Cache": directory / "cache",
        "APT::Sandbox::User": "",
        "Acquire::Retries": 3,
        "Acquire::Languages": "none",
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def fetch(packages: Sequence[str], scratch: Path, target: Path, progress: Progress) -> None:
    """Unpacks these packages below `target`; apt checks them against the distribution's signatures.

    Raises:
        StackError: this is no Debian or Ubuntu, or the packages cannot be had.
    """
    label = " and ".join(packages)
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise StackError(
            f"{label}: not on PATH, and this machine has no apt-get to fetch them", advice=f"Put {label} on PATH, or: make up MODE=compose"
        )
    downloads = scratch / "packages"
    downloads.mkdir()
    known = _download(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *packages], downloads)
    if not known:  # a machine that never ran apt-get update
        private = _options(scratch)
        progress(f"{label}: reading the distribution's package lists")
        run(["apt-get", "-q", *private, "update"], label, progress, grows=scratch / "state", timeout=_LIST_TIMEOUT)
        command = ["env", f"--chdir={downloads}", "apt-get", "-q", *private, "download", *packages]
        run(command, label, progress, grows=downloads)
    for package in sorted(downloads.glob("*.deb")):
        run(["dpkg", "-x", str(package), str(target)], package.name, progress, grows=target, timeout=60)


def _download(command: Sequence[str], directory: Path) -> bool:
    """Whether the machine's own package lists sufficed."""
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
    return done.returncode == 0
