"""One outage under load: take a component away, watch the worker, give it back, and measure until all is as in SQL."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import pymongo
from pymongo.collection import Collection

from monitor.verify import Effort, VerifySettings, verify
from stack.layout import layout
from tests.e2e.outage.faults import FAULTS, serves_again
from tests.e2e.outage.load import Load, Written
from tests.e2e.outage.watching import Sample, Watch, disk_mb
from tests.session_stack import SessionStack
from tests.waiting import eventually

SETTLE = 4.0  # seconds: what was written before the fault may still be committed (the timer's second, and an answer under way)
WARM = 3.0  # seconds of load before the fault


@dataclass(frozen=True)
class Figures:
    """What was measured. Seconds, MB, records."""

    fault: str
    away_seconds: float
    rate: float
    acknowledged: int
    refused: int
    rss_before: float
    rss_early: float
    rss_late: float
    rss_most: float
    rss_after: float
    most_lag: int
    kafka_disk_mb: float
    postgres_disk_mb: float
    paused: tuple[str, ...]
    resumed_seconds: float
    newest_visible_seconds: float
    verified_seconds: float
    restarts: int
    rebalances: int
    dead_letters: int
    committed_meanwhile: int


def measure(stack: SessionStack, fault: str, seconds: float, rate: float, patience: float) -> Figures:
    """Run it; `fault` is "mongo-stop", "kafka-freeze" and so on. Fails unless verify finds no difference at the end.

    Times are counted from the moment at which the component's own probe is content again; the load goes on until the newest row written
    before that moment can be read.
    """
    program, _, kind = fault.partition("-")
    paths = layout(stack.directory)
    settings = VerifySettings(
        postgres_dsn=stack.env["VERIFY_POSTGRES_DSN"], mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=stack.env["CDC_MONGO_DB"]
    )
    # One connection for all looks: to make one for each would take a good part of a core from what is measured.
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(settings.mongo_uri, timeoutMS=5000)
    items = client[settings.mongo_db]["items_read"]
    with client, Watch(stack) as watch, Load(settings.postgres_dsn, rate) as load:
        time.sleep(WARM)
        with FAULTS[kind](stack, program):
            begin = time.monotonic()
            time.sleep(seconds)  # the experiment
            disk = disk_mb(paths.data / "kafka"), disk_mb(paths.postgres)
            end = time.monotonic()
            written = watch.look().documents
        newest = list(load.newest)
        serves_again(stack, program)
        back = time.monotonic()
        eventually(lambda: program != "mongo" or watch.look().documents > written, seconds=patience, what="documents are written again")
        resumed = time.monotonic() - back
        eventually(lambda: _visible(items, newest), seconds=patience, what=f"the newest of {len(newest)} writes can be read")
        visible = time.monotonic() - back
        load.stop()
        stopped = time.monotonic()
        eventually(lambda: verify(settings, effort=Effort(recheck_seconds=0)).ok, seconds=patience, what="nothing differs from SQL")
        verified = time.monotonic() - stopped
        after = watch.look()
    away = watch.during(begin, end)
    early = [s.rss for s in away if s.at - begin < max(SETTLE, min(60, seconds / 2))]
    return Figures(
        fault=fault,
        away_seconds=end - begin,
        rate=rate,
        acknowledged=load.acknowledged,
        refused=load.refused,
        rss_before=watch.during(0, begin)[-1].rss,
        rss_early=max(early, default=0),
        rss_late=max(s.rss for s in away[len(away) // 2 :]),
        rss_most=max(s.rss for s in watch.samples),
        rss_after=after.rss,
        most_lag=max(s.lag for s in watch.samples),
        kafka_disk_mb=disk[0],
        postgres_disk_mb=disk[1],
        paused=tuple(sorted(frozenset().union(*(s.paused for s in away)))),
        resumed_seconds=resumed,
        newest_visible_seconds=visible,
        verified_seconds=verified,
        restarts=len({s.started for s in [*watch.samples, after]}) - 1,
        rebalances=int(after.rebalances - watch.samples[0].rebalances),
        dead_letters=int(after.dead_letters - watch.samples[0].dead_letters),
        committed_meanwhile=_advanced([s for s in away if s.at - begin > SETTLE]),
    )


def shown(figures: Figures) -> str:
    """For people."""
    rows = asdict(figures).items()
    return "\n".join(f"  {name:24} {round(value, 1) if isinstance(value, float) else value}" for name, value in rows)


def _visible(items: Collection[dict[str, Any]], newest: list[Written]) -> bool:
    try:
        found = items.find({"_id": {"$in": [one.item for one in newest]}}, {"title": 1})
        titles = {d["_id"]: int(d["title"]) for d in found}
    except pymongo.errors.PyMongoError:
        return False
    return all(titles.get(one.item, -1) >= one.number for one in newest)


def _advanced(samples: list[Sample]) -> int:
    """How many records were committed between the first and the last of these samples."""
    ends = [{tp: one.committed for tp, one in s.offsets.items()} for s in samples if s.offsets]
    return sum(ends[-1].get(tp, 0) - committed for tp, committed in ends[0].items()) if len(ends) > 1 else 0
