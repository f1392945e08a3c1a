"""What apt-get can mend."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from stack.components.command import run
from stack.components.store import Progress
from stack.doctor.finding import MISSING, Finding

_ARCHIVES = Path("/var/cache/apt/archives")
_APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3")


def available() -> bool:
    """Whether this machine installs by apt-get."""
    return shutil.which("apt-get") is not None


def known(packages: Collection[str]) -> set[str]:
    """Those of these packages that the machine's lists have; none at all before its first `apt-get update`."""
    if not packages:
        return set()
    done = subprocess.run(["apt-cache", "policy", *packages], capture_output=True, text=True, timeout=60, check=False)
    blocks = re.findall(r"^(\S+):\n(?:  .*\n)*?  Candidate: (\S+)", done.stdout, re.MULTILINE)
    return {name for name, candidate in blocks if candidate != "(none)"}


def command(findings: Iterable[Finding], which_known: Callable[[Collection[str]], Collection[str]]) -> list[str]:
    """The packages that mend what is missing, each once: of each finding's alternatives the first that is known, else the last."""
    wanted = [finding.packages for finding in findings if finding.state == MISSING and finding.packages]
    there = which_known([name for alternatives in wanted for name in alternatives])
    return list(dict.fromkeys(next((name for name in alternatives if name in there), alternatives[-1]) for alternatives in wanted))


def install(findings: Sequence[Finding], progress: Progress) -> None:
    """Installs what is missing. Needs root. Raises StackError if apt-get fails three times."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = command(findings, known)
    if not wanted:
        return
    advice = f"By hand: apt-get update && apt-get install {' '.join(wanted)}"
    progress("apt-get update")
    run([*_APT, "update"], "apt-get update", progress, grows=_ARCHIVES, advice=advice, environment=environment)
    wanted = command(findings, known)  # the fresh lists may know a better alternative
    label = f"apt-get install {' '.join(wanted)}"
    progress(label)
    install_command = [*_APT, "install", "-y", "--no-install-recommends", *wanted]
    run(install_command, label, progress, grows=_ARCHIVES, advice=advice, environment=environment, final=("Unable to locate package",))
