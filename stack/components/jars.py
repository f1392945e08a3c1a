"""Kafka, Connect and Debezium: fetched by Maven, checked against jars.sha256."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from stack.components.command import FinalError, run
from stack.components.store import Progress
from stack.errors import StackError

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
CHECKSUMS = HERE / "jars.sha256"
VERSIONS = ("KAFKA_VERSION", "SCALA_VERSION", "LOG4J_VERSION", "DEBEZIUM_VERSION", "JMX_EXPORTER_VERSION")
FOLDERS = ("agent", "lib", "plugin")
_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # Maven's seconds go into starting up, not into long loops


def pin(shared: Mapping[str, str]) -> str:
    """Everything that decides which files are fetched."""
    return "\n".join([*(f"{key}={shared[key]}" for key in VERSIONS), POM.read_text(), CHECKSUMS.read_text()])


def fetch(shared: Mapping[str, str], repository: Path, target: Path, progress: Progress) -> None:
    """Lays `lib/*.jar`, `plugin/*.tar.gz` and `agent/*.jar` below `target`. Raises StackError if Maven is missing or fails."""
    options = [f"-D{key}={shared[key]}" for key in VERSIONS]
    build(POM, repository, target, progress, label="Kafka and Debezium from Maven", options=options)


def build(pom: Path, repository: Path, target: Path, progress: Progress, *, label: str, options: Sequence[str] = ()) -> None:
    """Runs Maven on a pom that lays files below `target`. Raises StackError if Maven is missing or fails."""
    maven = shutil.which("mvn")
    if maven is None:
        raise StackError("Maven (mvn) is missing; it fetches Kafka and Debezium", advice="apt-get install maven, or: make doctor")
    command = [maven, "-q", "-B", "-ntp", "-f", str(pom), f"-Dmaven.repo.local={repository}", f"-Dtarget={target}", *options]
    environment = {**os.environ, "MAVEN_OPTS": f"{_JVM} {os.environ.get('MAVEN_OPTS', '')}".strip()}
    run([*command, "package"], label, progress, grows=repository, environment=environment)


def checksums(target: Path, folders: Sequence[str] = FOLDERS) -> dict[str, str]:
    """SHA-256 of every fetched file, by its path below `target`, in order."""
    files = sorted(path for folder in folders for path in (target / folder).iterdir())
    return {str(path.relative_to(target)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def parse(text: str) -> dict[str, str]:
    """The lines of a sha256sum file: digest by path."""
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {path.strip(): digest for digest, path in pairs}


def verify(found: Mapping[str, str], pinned: Mapping[str, str]) -> None:
    """Raises FinalError that names the files which differ from the pinned ones, are missing, or were not expected."""
    wrong = [
        f"{path}: has {found[path]}, pinned is {pinned[path]}"
        for path in sorted(found.keys() & pinned.keys())
        if found[path] != pinned[path]
    ]
    wrong += [f"{path}: missing" for path in sorted(pinned.keys() - found.keys())]
    wrong += [f"{path}: not pinned" for path in sorted(found.keys() - pinned.keys())]
    if wrong:
        raise FinalError(
            "\n  ".join(["the files from Maven are not the pinned ones:", *wrong]),
            advice=f"Nothing was unpacked. The pins stand in {CHECKSUMS}; after a change of version: make lock",
        )


def agent(target: Path) -> Path:
    """The JMX exporter, for -javaagent."""
    (found,) = (target / "agent").glob("*.jar")
    return found


def unpack_plugin(target: Path, folder: str = "plugin") -> None:
    """Unpacks Debezium's archive beside the jars, into a directory fit for Connect's plugin.path."""
    (archive,) = (target / folder).glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):  # Python 3.11.4; the archive's checksum has been verified by now in any case
            tar.extractall(target / folder, filter="data")
        else:
            tar.extractall(target / folder)  # noqa: S202
    archive.unlink()
