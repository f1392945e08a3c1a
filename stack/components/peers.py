"""The sink connectors that `bench/` compares with: fetched by Maven when a benchmark first asks for them, checked against peers.sha256.

Nothing of the pipeline needs them, so `provide` of the stack's own servers leaves them out.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from stack.components import jars
from stack.components.store import Progress, cache_directory, home, locked, sweep, unpacking

HERE = Path(__file__).parent
POM = HERE / "peers.xml"
CHECKSUMS = HERE / "peers.sha256"
FOLDERS = ("debezium", "mongodb")


@dataclass(frozen=True)
class Peers:
    """Directories fit for a Connect worker's plugin.path, one for each connector."""

    mongodb: Path
    debezium: Path


def fetch(repository: Path, target: Path, progress: Progress) -> None:
    """Lays `mongodb/*.jar` and `debezium/*.tar.gz` below `target`. Raises StackError if Maven is missing or fails."""
    jars.build(POM, repository, target, progress, label="peer connectors from Maven")


def provide(progress: Progress) -> Peers:
    """The peers, downloaded first if they are not in the cache. Raises StackError: a download failed or is not the pinned one."""
    cache = cache_directory()
    directory = home(cache, "peers", f"{POM.read_text()}\n{CHECKSUMS.read_text()}")
    if not directory.is_dir():
        with locked(cache / "lock", progress):
            sweep(cache)
            if not directory.is_dir():
                _fill(cache, directory, progress)
    return Peers(mongodb=directory / "mongodb", debezium=directory / "debezium")


def _fill(cache: Path, directory: Path, progress: Progress) -> None:
    with unpacking(directory) as (_, whole):
        repository = cache / "maven"
        fetch(repository, whole, progress)
        jars.verify(jars.checksums(whole, FOLDERS), jars.parse(CHECKSUMS.read_text()))
        jars.unpack_plugin(whole, "debezium")
        shutil.rmtree(repository, ignore_errors=True)
