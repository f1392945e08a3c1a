"""What apt-get can mend."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from stack.components.command import run
from stack.components.store import Progress
from stack.doctor.finding import MISSING, Finding

_ARCHIVES = Path("/var/cache/apt/archives")
_APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3")


def available() -> bool:
    """Whether this machine installs by apt-get."""
    return shutil.which("apt-get") is not None


def known(package: str) -> bool:
    """Whether the package lists of this machine have it. False for all of them before the first `apt-get update`."""
    done = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True, timeout=60, check=False)
    return "Candidate:" in done.stdout and "Candidate: (none)" not in done.stdout


def choose(alternatives: Sequence[str], is_known: Callable[[str], bool] = known) -> str:
    """The first package that the distribution has, else the last one named."""
    return next((package for package in alternatives if is_known(package)), alternatives[-1])


def command(findings: Iterable[Finding], is_known: Callable[[str], bool] = known) -> list[str]:
    """The packages that mend what is missing, each once, in order."""
    return list(dict.fromkeys(choose(finding.packages, is_known) for finding in findings if finding.state == MISSING and finding.packages))


def install(findings: Sequence[Finding], progress: Progress) -> None:
    """Installs what is missing. Needs root. Raises StackError if apt-get fails three times."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    advice = "Look at the message above; by hand: apt-get update && apt-get install " + " ".join(command(findings))
    wanted = command(findings)
    if not wanted:
        return
    progress("apt-get update")
    run([*_APT, "update"], "apt-get update", progress, grows=_ARCHIVES, advice=advice, environment=environment)
    wanted = command(findings)  # the fresh lists may know a better alternative
    label = f"apt-get install {' '.join(wanted)}"
    progress(label)
    install_command = [*_APT, "install", "-y", "--no-install-recommends", *wanted]
    run(install_command, label, progress, grows=_ARCHIVES, advice=advice, environment=environment, final=("Unable to locate package",))
