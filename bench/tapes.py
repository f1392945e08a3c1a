"""The tapes of a run, recorded one after the other on one stack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import psycopg

from bench import phases
from bench.measure import Bench
from bench.recorder import Recorder
from bench.sizes import Sizes
from bench.tape import Tape

RENAMES = 3
SAMPLES = 100  # documents looked at while a rename spreads; all of them are compared afterwards


@dataclass(frozen=True)
class Tapes:
    """Each phase comes after the one before it; `renames` after `fan`, which begins anew."""

    load: Tape
    updates: Tape
    hot: Tape
    deletes: Tape
    fan: Tape
    renames: tuple[Tape, ...]
    growth: tuple[Tape, ...]

    def cycle(self) -> tuple[Tape, ...]:
        """What each sink goes through in each repetition."""
        return self.load, self.updates, self.hot, self.deletes


def record(bench: Bench, sizes: Sizes, say: Callable[[str], None], *, growth: bool) -> Tapes:
    """Record all of them; with `growth` also loads of growing sizes."""
    env = bench.place.stack.env
    recorder = Recorder(bench.topics, env["CDC_TOPIC_PREFIX"], say)
    with psycopg.connect(env["VERIFY_POSTGRES_DSN"], autocommit=True) as connection:
        load = recorder.record("load", lambda: phases.load(connection, sizes))
        updates = recorder.record("updates", lambda: phases.updates(connection, sizes, load.state))
        hot = recorder.record("hot", lambda: phases.hot(connection, sizes, updates.state))
        deletes = recorder.record("deletes", lambda: phases.deletes(connection, sizes, hot.state))
        recorder.restart(lambda: phases.clear(connection))
        owner = 0

        def many() -> int:
            nonlocal owner
            owner, rows = phases.fan(connection, sizes)
            return rows

        fan = recorder.record("fan", many)
        rename = partial(phases.rename, connection, owner)
        renames = tuple(recorder.record(f"rename-{n}", partial(rename, n)) for n in range(RENAMES))
        for tape in renames:
            items = sorted(tape.state["items"])
            tape.touched += [("items", key) for key in (*items[:: max(1, len(items) // SAMPLES)], items[-1])]
        grown = []
        for rows in sizes.growth if growth else ():
            recorder.restart(lambda: phases.clear(connection))
            part = rows * sizes.items // load.records
            some = replace(sizes, items=part, users=max(10, part * sizes.users // sizes.items))
            grown.append(recorder.record(f"growth-{rows}", partial(phases.load, connection, some)))
        recorder.restart(lambda: phases.clear(connection))
    return Tapes(load, updates, hot, deletes, fan, renames, tuple(grown))
