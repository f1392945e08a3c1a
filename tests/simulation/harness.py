"""Runs schedules: hypothesis draws in a thread, the workers live in the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from cdc_consumer.dead_letters.parking import Parking
from cdc_consumer.mongo import Database
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.integration.cdc_consumer.applying import applying, empty, read_models, sweeping
from tests.simulation import simulator as sim
from tests.simulation.drafting import LateDrafts, nothing_gets_old
from tests.simulation.schedules import SCHEDULE, fresh_world, play
from tests.worlds.market import expected, run


async def one_schedule(
    applier: Parking, sweep: Any, db: Database, schedule: tuple[list[Any], list[Any], bool], drafting: LateDrafts
) -> None:
    """Play one schedule on an emptied database and compare with the oracle."""
    statements, actions, zombies_last = schedule
    await empty(db)
    world = fresh_world()
    for statement in statements:
        run(world, statement)
    drafting.reset()
    simulator = sim.Simulator(world, applier.apply, sweep, applier.apply_jointly, drafting)
    sim.arm()
    try:
        await play(simulator, actions, zombies_last=zombies_last)
    finally:
        sim.disarm()
        with contextlib.suppress(BaseException):
            await simulator.close()
    found, wanted = await read_models(db, DOCUMENTS), expected(world)
    for collection, documents in wanted.items():
        assert found[collection] == documents, f"{collection} differs from SQL"


def simulate(uri: str, name: str, schedules: int, *, shrink: bool = True) -> None:
    """Draw and play schedules; the first one that fails is shrunk and raised."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        drafting = LateDrafts(DOCUMENTS)
        async with applying(uri, name, DOCUMENTS) as (applier, db), sweeping(uri, name, DOCUMENTS) as sweep:
            drafting.db = db

            @settings(
                max_examples=schedules,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
                print_blob=True,
            )
            @given(SCHEDULE)
            def example(schedule: tuple[list[Any], list[Any], bool]) -> None:
                asyncio.run_coroutine_threadsafe(one_schedule(applier, sweep, db, schedule, drafting), loop).result(120)

            await asyncio.to_thread(example)

    with nothing_gets_old():
        asyncio.run(main())
