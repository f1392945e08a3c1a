"""`python3 -m stack.bootstrap`: makes .venv what requirements-dev.lock says. Only the standard library is used.

uv installs, as it takes a sixth of pip's time; pip installs uv, by the hash in the same lock. A stamp in .venv, written last,
holds what it was made from: an interrupted run continues, and setup.sh does not even start Python when there is nothing to do.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from stack.components.command import run
from stack.components.store import Progress, cache_directory, locked
from stack.errors import StackError

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements-dev.lock"
STAMP = "made-from.sha256"
_ADVICE = "Check the network, then again: make setup"


def stamp(root: Path) -> str:
    """A line that `sha256sum --check` in setup.sh understands."""
    return f"{hashlib.sha256((root / LOCK).read_bytes()).hexdigest()}  {LOCK}\n"


def requirement(lock: str, project: str) -> str:
    """The pin of one project with its hashes, as it stands in a lock file. Raises StackError if it is not there."""
    lines = iter(lock.splitlines())
    for line in lines:
        if line.startswith(f"{project}=="):
            taken = [line]
            while taken[-1].endswith("\\"):
                taken.append(next(lines))
            return "\n".join(taken) + "\n"
    raise StackError(f"{project} is not pinned in {LOCK}", advice="make lock")


def works(python: Path) -> bool:
    """Whether this virtual environment's Python starts, is new enough and has pip."""
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True, timeout=30, check=False).returncode == 0
    except OSError:
        return False


def bootstrap(root: Path, cache: Path, progress: Progress) -> bool:
    """Makes or completes `root`/.venv; answers whether there was anything to do.

    Raises:
        StackError: the environment cannot be made, a package cannot be had, or its hash is not the locked one.
    """
    venv = root / ".venv"
    python = venv / "bin" / "python"
    with locked(cache / "venv.lock", progress):
        wanted = stamp(root)
        if _read(venv / STAMP) == wanted and python.exists():
            return False
        started = time.monotonic()
        if not works(python):
            progress(f"making {venv.name} with Python {sys.version.split()[0]}")
            run([sys.executable, "-m", "venv", "--clear", str(venv)], "python -m venv", progress, grows=venv, advice="make doctor")
        _install(root, python, cache, progress)
        (venv / STAMP).write_text(wanted)
        progress(f"{venv.name}: ready in {time.monotonic() - started:.0f} s")
        return True


def _install(root: Path, python: Path, cache: Path, progress: Progress) -> None:
    lock = root / LOCK
    environment: Mapping[str, str] = {**os.environ, "VIRTUAL_ENV": str(root / ".venv"), "UV_CACHE_DIR": str(cache / "uv")}
    tool = root / ".venv" / "uv.txt"
    tool.write_text(requirement(lock.read_text(), "uv"))
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-cache-dir", "--require-hashes", "-r"]
    wrong = ("DO NOT MATCH THE HASHES", "ash mismatch")
    site = root / ".venv" / "lib"
    progress("uv, which installs the rest: downloading")
    run([*pip, str(tool)], "uv", progress, grows=site, final=wrong, advice=_ADVICE, environment=environment)
    progress(f"the packages of {LOCK}: downloading")
    sync = [str(python), "-m", "uv", "pip", "sync", "--quiet", "--require-hashes", str(lock)]
    run(sync, "packages", progress, grows=cache / "uv", final=wrong, advice=_ADVICE, environment=environment)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def main() -> int:
    """The command's exit code."""
    try:
        bootstrap(ROOT, cache_directory(), lambda line: print(line, flush=True))
    except StackError as error:
        print(f"{error.reason}\n{error.advice}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the next call continues", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
