"""What is seen of the worker during an outage, once a second, from outside."""

from __future__ import annotations

import contextlib
import re
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from confluent_kafka import KafkaException

from cdc_consumer.group import Group, Offsets, Partition
from tests.session_stack import SessionStack

_LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def scrape(url: str) -> dict[str, dict[str, float]]:
    """Name -> labels as they are written -> value."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        text = answer.read().decode()
    found: dict[str, dict[str, float]] = {}
    for name, labels, value in _LINE.findall(text):
        found.setdefault(name, {})[labels] = float(value)
    return found


@dataclass(frozen=True)
class Sample:
    """At one moment (`at`, monotonic seconds). Memory in MB; `offsets` is None while Kafka does not answer."""

    at: float
    rss: float
    started: float
    rebalances: float
    dead_letters: float
    documents: float
    paused: frozenset[str]
    offsets: dict[Partition, Offsets] | None = field(repr=False)

    @property
    def lag(self) -> int:
        """Records not committed."""
        return sum(one.lag for one in (self.offsets or {}).values())


class Watch:
    """Samples of worker 1 until the block ends."""

    def __init__(self, stack: SessionStack) -> None:
        self._url = f"http://127.0.0.1:{stack.env['CDC_METRICS_PORT']}/metrics"
        self._group = Group(stack.env["CDC_BROKER"], stack.env["CDC_GROUP"], stack.env["CDC_WORKER"])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.samples: list[Sample] = []

    def __enter__(self) -> Self:
        self.samples.append(self.look())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def look(self) -> Sample:
        """One sample, now."""
        found = scrape(self._url)
        offsets = None
        with contextlib.suppress(KafkaException):
            offsets = self._group.look().offsets
        return Sample(
            at=time.monotonic(),
            rss=found["process_resident_memory_bytes"][""] / 1e6,
            started=found["process_start_time_seconds"][""],
            rebalances=found["cdc_rebalances_total"][""],
            dead_letters=sum(found.get("cdc_dead_letters_total", {}).values()),
            documents=sum(found.get("cdc_documents_total", {}).values()),
            paused=frozenset(labels.split('"')[1] for labels, value in found.get("cdc_worker_paused", {}).items() if value),
            offsets=offsets,
        )

    def _run(self) -> None:
        while not self._stop.wait(1.0):
            with contextlib.suppress(OSError):  # the worker itself is away: `started` of the next sample tells
                self.samples.append(self.look())

    def during(self, begin: float, end: float) -> list[Sample]:
        """The samples of a time."""
        return [sample for sample in self.samples if begin <= sample.at <= end]


def disk_mb(directory: Path) -> float:
    """What a directory takes."""
    sizes = []
    for path in directory.rglob("*"):
        with contextlib.suppress(OSError):
            sizes.append(path.stat().st_blocks * 512)
    return sum(sizes) / 1e6
