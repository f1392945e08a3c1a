"""Class archives (CDS), with which Kafka and Connect start in less than half the time.

A JVM writes its archive when it ends in good order: the first `down` on a machine. `keep` then moves it into the cache, from
where every later start reads it. What a JVM is told stands in an argument file that only a fresh start rewrites, so that
attaching to a stack never changes its programs. An archive that does not fit is ignored by the JVM.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from stack.components import Components
from stack.components.store import cache_directory
from stack.layout import Layout
from stack.render import write

PROGRAMS = ("kafka", "connect")
SHARED = "kafka-shared"
"""The argument file of several Kafka JVMs: they read the archive of `kafka`, and none writes it, which only one at a time could."""
STOPPED_BY_TERM = 143  # the exit code of a JVM that was told to end, and had the time to write its archive

# The JMX exporter is an agent, with which a JVM refuses to write an archive unless told so. The ban exists because an agent can
# change classes while they are loaded; this one changes none. Reading asks for the same word as writing.
_WITH_AGENT = "-XX:+UnlockDiagnosticVMOptions -XX:+AllowArchivingWithJavaAgent"

# The second compiler took 40 to 45 % of what each of five JVMs used in its first minutes (`top -H`); clients waited 12 s on two cores.
# One Connect that was killed and started again took 11 s to serve and the pipeline 20.8 s more to be on time; without it 5.0 and 7.4 s.
_QUICK = "-XX:TieredStopAtLevel=1"


def argument_file(paths: Layout, name: str) -> Path:
    """Where the JVM of this program reads further arguments."""
    return paths.etc / f"{name}.jvm"


def _written(paths: Layout, name: str) -> Path:
    return paths.data / "jvm" / f"{name}.jsa"


def archive(components: Components, cache: Path, name: str) -> Path:
    """Where the archive for this JVM and these libraries is kept; upgrades of either have another place."""
    java = components.java.resolve()
    pin = f"{java} {java.stat().st_mtime_ns} {components.kafka_classpath}"
    return cache / f"classes-{hashlib.sha256(pin.encode()).hexdigest()[:12]}" / f"{name}.jsa"


def configure(paths: Layout, components: Components, *, quick: bool = True) -> None:
    """Writes the argument files: with an archive if there is one, else with the order to write it.

    `quick`: on time soon after a start, on a machine that does everything else too. Otherwise as fast as they can be when they are warm.
    """
    most = _QUICK if quick else ""
    (paths.data / "jvm").mkdir(parents=True, exist_ok=True)
    for name in PROGRAMS:
        kept, written = archive(components, cache_directory(), name), _written(paths, name)
        written.unlink(missing_ok=True)
        order = f'"-XX:SharedArchiveFile={kept}"' if kept.exists() else f'"-XX:ArchiveClassesAtExit={written}"'
        write(argument_file(paths, name), _told(order, most))
        write(written.with_suffix(".place"), f"{kept}\n")
    whole = archive(components, cache_directory(), "kafka")
    write(argument_file(paths, SHARED), _told(f'"-XX:SharedArchiveFile={whole}"' if whole.exists() else "", most))


def _told(order: str, most: str) -> str:
    return f"{order}\n{most}\n{_WITH_AGENT}\n-Xlog:cds=off\n-Xlog:cds+dynamic=off\n"


def keep(paths: Layout, exit_codes: Mapping[str, int]) -> list[str]:
    """Moves whole archives of stopped JVMs into the cache and answers their names. What cannot be written is done without."""
    kept = []
    for name in PROGRAMS:
        written = _written(paths, name)
        if exit_codes.get(name) != STOPPED_BY_TERM or not written.exists():
            continue
        place = Path(written.with_suffix(".place").read_text().strip())
        scratch = place.with_name(f"{place.name}.{os.getpid()}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(written, scratch)
            scratch.replace(place)
        except OSError:
            continue
        written.unlink()
        kept.append(name)
    return kept
