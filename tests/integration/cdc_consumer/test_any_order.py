"""Promise 1: any permutation with duplicates of an event log gives the same documents, in a real MongoDB."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.events import FakeRecord
from tests.integration.cdc_consumer.applying import applying, empty, read_models
from tests.simulation.schedules import STATEMENT
from tests.worlds.market import KEYS, expected, run
from tests.worlds.world import World


def test_any_permutation_with_duplicates_gives_the_documents_of_the_rows(mongo_uri, mongo_db):
    async def all_examples():
        loop = asyncio.get_running_loop()
        async with applying(mongo_uri, mongo_db, DOCUMENTS) as (applier, db):

            async def check(world, order, size):
                await empty(db)
                for start in range(0, len(order), size):
                    by_topic: dict[str, list[FakeRecord]] = {}
                    for position in order[start : start + size]:
                        one = world.log[position]
                        by_topic.setdefault(one.topic, []).append(one)
                    for chunk in by_topic.values():
                        await applier.apply(chunk)
                assert await read_models(db, DOCUMENTS) == expected(world)

            @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
            @given(st.data())
            def example(data):
                world = World(KEYS)
                for statement in data.draw(st.lists(STATEMENT, min_size=1, max_size=25)):
                    run(world, statement)
                positions = list(range(len(world.log)))
                again = data.draw(st.lists(st.sampled_from(positions), max_size=10)) if positions else []
                order = data.draw(st.permutations(positions + again))
                size = data.draw(st.integers(1, 8))
                asyncio.run_coroutine_threadsafe(check(world, order, size), loop).result(60)

            await asyncio.to_thread(example)

    asyncio.run(all_examples())


@pytest.mark.parametrize("workers", [3])
def test_workers_that_race_over_the_same_log_converge(mongo_uri, mongo_db, workers):
    """Each worker applies the whole log in its own order: redeliveries and zombies at their worst."""
    world = World(KEYS)
    statements: list[tuple[Any, ...]] = [("user", 1 + n % 3, "ab"[n % 2]) for n in range(6)]
    statements += [("item", 1 + n % 3, 1 + (n // 2) % 3, "xy"[n % 2]) for n in range(12)]
    statements += [("tag", 1 + n % 3, "pq"[n % 2]) for n in range(6)]
    for n in range(12):
        statements += [("link", 1 + n % 3, 1 + (n // 3) % 3), ("unlink", 1 + (n + 1) % 3, 1 + n % 3)]
    statements += [("drop", "items", 2), ("user", 1, "b"), ("user", 1, "a"), ("item", 2, 1, "y")]
    for statement in statements:
        run(world, statement)

    async def race():
        async with applying(mongo_uri, mongo_db, DOCUMENTS) as (applier, db):
            for attempt in range(5):
                await empty(db)
                n = len(world.log)
                orders = [[(i * step + attempt) % n for i in range(n)] for step in _coprime(n)[:workers]]

                async def work(order):
                    for position in order:
                        await applier.apply([world.log[position]])

                await asyncio.gather(*(work(order) for order in orders))
                assert await read_models(db, DOCUMENTS) == expected(world)

    asyncio.run(race())


def _coprime(n):
    import math

    return [step for step in range(1, n) if math.gcd(step, n) == 1]
