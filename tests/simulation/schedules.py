"""What hypothesis draws: a list of actions, played against a fresh world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.simulation.simulator import Simulator
from tests.worlds.market import KEYS, run
from tests.worlds.world import World

SMALL = st.integers(1, 3)
STATEMENT = st.one_of(
    st.tuples(st.just("user"), SMALL, st.sampled_from("ab")),
    st.tuples(st.just("item"), SMALL, SMALL, st.sampled_from("xy")),
    st.tuples(st.just("tag"), SMALL, st.sampled_from("pq")),
    st.tuples(st.just("link"), SMALL, SMALL),
    st.tuples(st.just("unlink"), SMALL, SMALL),
    st.tuples(st.just("drop"), st.sampled_from(["users", "items", "tags"]), SMALL),
    st.tuples(st.just("truncate"), st.sampled_from(["items", "item_tags", "tags"])),
)
ANY = st.integers(0, 97)
ACTION = st.one_of(
    st.tuples(st.just("sql"), STATEMENT),
    st.tuples(st.just("sql"), STATEMENT),
    st.tuples(st.just("fetch"), ANY, st.integers(1, 4)),
    st.tuples(st.just("fetch"), ANY, st.integers(1, 4)),
    st.tuples(st.just("gather"), st.integers(0, 1), st.integers(1, 4)),
    st.tuples(st.just("offer"), ANY, st.integers(1, 4)),
    st.tuples(st.just("offer"), ANY, st.integers(1, 4)),
    st.tuples(st.just("draft"), ANY),
    st.tuples(st.just("draft"), ANY),
    st.tuples(st.just("step"), ANY),
    st.tuples(st.just("step"), ANY),
    st.tuples(st.just("step"), ANY),
    st.tuples(st.just("land"), ANY),
    st.tuples(st.just("commit"), st.integers(0, 1)),
    st.tuples(st.just("zombie"), ANY),
    st.tuples(st.just("rebalance"), ANY),
    st.tuples(st.just("redeliver"), ANY, st.integers(1, 5)),
    st.tuples(st.just("crash"), st.integers(0, 1)),
    st.tuples(st.just("bare"), STATEMENT),
    st.tuples(st.just("gap"), st.lists(STATEMENT, min_size=1, max_size=4)),
    st.tuples(st.just("snapshot"), st.sampled_from(["every table", *KEYS])),
    st.tuples(st.just("sweep"), st.booleans()),
)
SCHEDULE = st.tuples(st.lists(STATEMENT, max_size=12), st.lists(ACTION, min_size=20, max_size=60), st.booleans())


def fresh_world() -> World:
    """An empty market."""
    return World(KEYS)


async def play(simulator: Simulator, actions: list[tuple[Any, ...]], *, zombies_last: bool) -> None:
    """Perform the actions, then let everything land."""
    for action in actions:
        simulator.publish()
        await _perform(simulator, action)
    for table in sorted(simulator.world.missed):
        simulator.floors.update(simulator.world.snapshot_incrementally(table))
    simulator.publish()
    await simulator.drain(zombies_last=zombies_last)
    await simulator.land_drafts()
    for worker in (0, 1):
        simulator.commit(worker)


async def _perform(simulator: Simulator, action: tuple[Any, ...]) -> None:
    unread = [name for name in simulator.names if simulator.read[name] < len(simulator.logs[name])]
    waiting = [name for name in simulator.names if name in unread or simulator.waiting[name]]
    match action:
        case ("sql", statement):
            run(simulator.world, statement)
        case ("sweep", zombies_last):
            await simulator.drain(zombies_last=zombies_last)
        case ("fetch", number, size) if waiting:
            await simulator.fetch(waiting[number % len(waiting)], size)
        case ("offer" | "draft" | "gather", *_):
            await _together(simulator, action, unread)
        case ("step", number):
            await simulator.step(number)
        case ("land", number):
            await simulator.land(number)
        case ("commit", worker):
            simulator.commit(worker)
        case ("crash", worker):
            await simulator.crash(worker)
        case ("bare" | "gap" | "snapshot", _):
            _blind(simulator, action)
        case _:
            _move(simulator, action)


async def _together(simulator: Simulator, action: tuple[Any, ...], unread: list[Any]) -> None:
    match action:
        case ("gather", worker, size):
            await simulator.gather(worker, size)
        case ("offer", number, size) if unread:
            simulator.offer(unread[number % len(unread)], size)
        case ("draft", number):
            await simulator.land_draft(number)


def _blind(simulator: Simulator, action: tuple[Any, ...]) -> None:
    world = simulator.world
    match action:
        case ("bare", statement):
            with world.bare():
                run(world, statement)
        case ("gap", statements):
            with world.gap():
                for statement in statements:
                    run(world, statement)
        case ("snapshot", "every table"):
            simulator.floors.update(world.snapshot_again())
        case ("snapshot", table):
            simulator.floors.update(world.snapshot_incrementally(table))


def _move(simulator: Simulator, action: tuple[Any, ...]) -> None:
    name = simulator.names[action[1] % len(simulator.names)]
    match action:
        case ("zombie", number) if simulator.flights:
            simulator.rebalance(simulator.flights[number % len(simulator.flights)].parts[0].partition)
        case ("rebalance", _):
            simulator.rebalance(name)
        case ("redeliver", _, back):
            simulator.redeliver(name, back)
