import asyncio

import pytest

from cdc_consumer.lane import WAITING, Weight
from cdc_consumer.lanes import BACKLOG, GATHER, PATIENCE, Lanes
from cdc_consumer.room import Room
from cdc_consumer.sizes import CHUNK, CHUNK_BYTES


async def never(parts):
    return range(len(parts))


def lanes_of(alone, jointly=never, die=lambda error: None, *, weigh=lambda _: Weight(1, 1), follows=lambda _earlier, _job: True):
    return Lanes(alone, die, jointly, weigh, follows)


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - a test
            await asyncio.sleep(0)


class Held:
    """Work that takes until it is released; notes what it was given."""

    def __init__(self, answer=()):
        self.alone, self.jointly, self.release, self.answer = [], [], asyncio.Event(), answer

    async def do_alone(self, jobs):
        self.alone.append(list(jobs))
        await self.release.wait()

    async def do_jointly(self, parts):
        self.jointly.append([list(jobs) for jobs in parts])
        await self.release.wait()
        return self.answer


async def at_work(lanes, held):
    """Job 1 of lane a has begun; what comes now finds something at work."""
    await lanes.submit("a", 1)
    await until(lambda: held.alone)


@pytest.mark.asyncio
async def test_one_lane_keeps_its_order_and_a_backlog_is_done_side_by_side():
    running, most, seen = set(), 0, []

    async def work(jobs):
        nonlocal most
        ((lane, _),) = (job,) = jobs
        assert lane not in running
        running.add(lane)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.discard(lane)
        seen.append(job)

    lanes = lanes_of(work, weigh=lambda _: Weight(BACKLOG, 1), follows=lambda _earlier, _job: False)
    for number in range(10):
        for lane in "ab":
            await lanes.submit(lane, (lane, number))
    await until(lambda: len(seen) == 20)
    await lanes.close()
    for lane in "ab":
        assert [job for job in seen if job[0] == lane] == [(lane, n) for n in range(10)]
    assert most == 2


@pytest.mark.asyncio
async def test_a_stuck_lane_makes_the_feeder_wait():
    held = Held()
    lanes = lanes_of(held.do_alone, follows=lambda _earlier, _job: False)

    async def feed():
        for number in range(2 * WAITING):
            await lanes.submit("a", number)

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(feed(), 0.1)
    await lanes.close()


@pytest.mark.asyncio
async def test_what_waited_in_a_lane_is_taken_together_as_far_as_it_fits_into_a_chunk():
    held = Held()
    tenth = CHUNK_BYTES // 10
    lanes = lanes_of(held.do_alone, weigh=lambda job: Weight(1, job * tenth))
    await at_work(lanes, held)
    for job in (4, 5, 1, 8, 20, 2):
        await lanes.submit("a", job)
    held.release.set()
    await until(lambda: sum(map(sum, held.alone)) == 41)
    await lanes.close()
    assert held.alone == [[1], [4, 5, 1], [8], [20], [2]]


@pytest.mark.asyncio
async def test_what_was_written_together_and_comes_one_after_the_other_is_done_jointly():
    held = Held()
    lanes = lanes_of(held.do_alone, held.do_jointly)
    await lanes.submit("a", 1)
    await asyncio.sleep(GATHER / 5)
    await lanes.submit("b", 2)
    assert (held.alone, held.jointly) == ([], [])
    await until(lambda: held.jointly)
    await lanes.close()
    assert held.jointly == [[[1], [2]]]


@pytest.mark.asyncio
async def test_what_comes_just_before_the_work_ends_does_not_wait_for_what_is_done():
    held = Held()
    lanes = lanes_of(held.do_alone, held.do_jointly)
    await at_work(lanes, held)
    await lanes.submit("b", 2)
    started = asyncio.get_running_loop().time()
    held.release.set()
    await until(lambda: len(held.alone) == 2)
    assert asyncio.get_running_loop().time() - started < PATIENCE / 2
    await lanes.close()


@pytest.mark.asyncio
async def test_little_that_comes_in_several_lanes_while_something_is_at_work_is_done_jointly():
    held = Held()
    lanes = lanes_of(held.do_alone, held.do_jointly)
    await at_work(lanes, held)
    for lane, job in (("b", 2), ("c", 3), ("b", 4), ("a", 5)):
        await lanes.submit(lane, job)
    await asyncio.sleep(PATIENCE / 4)
    assert (held.alone, held.jointly) == ([[1]], [])
    held.release.set()
    await until(lambda: held.jointly)
    await lanes.close()
    assert held.jointly == [[[2, 4], [3], [5]]]


@pytest.mark.asyncio
async def test_who_waits_for_long_work_waits_no_longer_than_patience():
    held = Held()
    lanes = lanes_of(held.do_alone, held.do_jointly)
    await at_work(lanes, held)
    await lanes.submit("b", 2)
    started = asyncio.get_running_loop().time()
    await until(lambda: len(held.alone) == 2)
    assert asyncio.get_running_loop().time() - started > PATIENCE / 2
    await lanes.close()
    assert held.alone == [[1], [2]]


@pytest.mark.asyncio
async def test_a_backlog_does_not_wait_for_what_is_at_work():
    held = Held()
    lanes = lanes_of(held.do_alone, held.do_jointly, weigh=lambda job: Weight(job, 1))
    await at_work(lanes, held)
    await lanes.submit("b", BACKLOG - 1)
    await asyncio.sleep(0)
    assert held.alone == [[1]]
    await lanes.submit("c", CHUNK)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await lanes.close()
    assert held.alone == [[1], [BACKLOG - 1], [CHUNK]]


@pytest.mark.asyncio
async def test_jobs_that_do_not_follow_are_not_done_jointly():
    held = Held()
    lanes = lanes_of(held.do_alone, held.do_jointly, follows=lambda earlier, job: earlier // 10 == job // 10)
    await at_work(lanes, held)
    for lane, job in (("b", 10), ("c", 11), ("d", 20)):
        await lanes.submit(lane, job)
    held.release.set()
    await until(lambda: len(held.alone) == 2)
    await lanes.close()
    assert (held.alone, held.jointly) == ([[1], [20]], [[[10], [11]]])


@pytest.mark.asyncio
async def test_what_cannot_be_done_jointly_is_done_by_each_lane_alone_and_one_that_is_stuck_holds_up_no_other():
    stuck, alone = asyncio.Event(), []

    async def work(jobs):
        alone.append(list(jobs))
        if jobs == [2]:
            await stuck.wait()

    held = Held(answer=(0, 1))
    held.release.set()
    lanes = lanes_of(work, held.do_jointly)
    for lane, job in (("b", 2), ("c", 3)):
        await lanes.submit(lane, job)
    await until(lambda: len(alone) == 2)
    assert held.jointly == [[[2], [3]]]
    await lanes.submit("b", 4)  # behind the one that is stuck
    await lanes.submit("c", 5)
    await until(lambda: len(alone) == 3)
    await asyncio.sleep(2 * PATIENCE)
    assert alone == [[2], [3], [5]]
    stuck.set()
    await until(lambda: len(alone) == 4)
    await lanes.close()
    assert alone[3] == [4]


@pytest.mark.asyncio
async def test_only_those_that_cannot_be_done_jointly_are_done_alone():
    held = Held(answer=(1,))
    held.release.set()
    lanes = lanes_of(held.do_alone, held.do_jointly)
    for lane, job in (("b", 2), ("c", 3), ("d", 4)):
        await lanes.submit(lane, job)
    await until(lambda: held.alone)
    await lanes.close()
    assert (held.alone, held.jointly) == ([[3]], [[[2], [3], [4]]])


@pytest.mark.asyncio
@pytest.mark.parametrize("where", ["alone", "jointly", "alone after jointly"])
async def test_an_escaped_error_is_handed_to_die_and_the_lane_does_nothing_more(where):
    deaths: list[BaseException] = []
    done = []

    async def work(jobs):
        if "bad" in jobs:
            raise RuntimeError("bad")
        done.extend(jobs)

    async def jointly(parts):
        if where == "jointly":
            raise RuntimeError("bad")
        return range(len(parts))

    lanes = lanes_of(work, jointly, deaths.append)
    if where != "alone":
        await lanes.submit("first", "first")
        await lanes.submit("b", "other")
    await lanes.submit("a", "bad")
    await lanes.submit("a", "next")
    await until(lambda: deaths)
    await asyncio.sleep(2 * PATIENCE)
    await lanes.close()
    assert [str(error) for error in deaths] == ["bad"]
    assert "next" not in done


@pytest.mark.asyncio
async def test_closing_waits_for_what_a_job_gives_back():
    begun, back = [], []

    async def work(jobs):
        begun.extend(jobs)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            back.extend(jobs)

    lanes = lanes_of(work)
    await lanes.submit("first", 1)
    await lanes.submit("a", 2)
    await lanes.submit("b", 3)
    await until(lambda: len(begun) == 3)
    await lanes.close()
    assert sorted(back) == [1, 2, 3]


def test_what_is_let_in_is_bounded_in_jobs_and_in_bytes():
    room = Room(3, 10)
    assert room.enter(25)  # larger than all room, so alone
    assert not room.enter(1)
    room.shrink(25)
    room.leave()
    assert room.enter(4)
    assert room.enter(4)
    assert not room.enter(4)
    assert room.enter(1)
    assert not room.enter(0)  # the fourth job
    room.shrink(1)
    room.leave()
    assert room.enter(2)


def test_a_job_grows_as_far_as_there_is_room():
    room = Room(3, 10)
    assert room.enter(4)
    assert room.enter(3)
    assert not room.grow(4)
    assert room.grow(3)
    assert not room.enter(1)
    room.shrink(6)
    assert room.grow(6)
    assert not room.grow(1)


@pytest.mark.asyncio
async def test_what_may_wait_is_gathered_longer_but_not_with_what_may_not():
    held, waits = Held(), {1: 10.0, 2: GATHER}
    lanes = Lanes(held.do_alone, lambda error: None, patience=lambda job: waits[job])
    await lanes.submit("a", 1)
    await asyncio.sleep(4 * GATHER)
    assert not held.alone
    await lanes.submit("b", 2)
    await until(lambda: held.alone)
    held.release.set()
    await lanes.close()


@pytest.mark.asyncio
async def test_what_rests_is_not_taken_along_and_holds_up_only_what_is_behind_it():
    held, loop = Held(), asyncio.get_running_loop()
    began = loop.time()
    ripe = {2: began + 4 * GATHER}
    rests = lambda job: ripe.get(job, 0.0) - loop.time()  # noqa: E731
    lanes = Lanes(held.do_alone, lambda error: None, held.do_jointly, follows=lambda *_: True, rests=rests)
    for lane, job in (("a", 1), ("b", 2), ("b", 3), ("c", 4)):
        await lanes.submit(lane, job)
    await until(lambda: held.jointly)
    assert held.jointly == [[[1], [4]]]
    held.release.set()
    await until(lambda: held.alone)
    assert loop.time() - began >= 3 * GATHER
    assert held.alone == [[2, 3]]
    await lanes.close()


@pytest.mark.asyncio
async def test_what_may_wait_does_so_too_when_it_came_while_something_was_at_work():
    held, loop = Held(), asyncio.get_running_loop()
    lanes = Lanes(held.do_alone, lambda error: None, follows=lambda *_: True, patience=lambda job: job * GATHER)
    await at_work(lanes, held)
    began = loop.time()
    await lanes.submit("b", 10)
    held.release.set()
    await until(lambda: len(held.alone) == 2)
    assert loop.time() - began >= 9 * GATHER
    await lanes.close()


@pytest.mark.asyncio
async def test_what_may_wait_does_not_when_its_lane_gets_full():
    held = Held()
    lanes = Lanes(held.do_alone, lambda error: None, follows=lambda *_: True, patience=lambda job: 10.0)
    for job in range(WAITING // 2):
        assert not held.alone
        await lanes.submit("a", job)
    await until(lambda: held.alone)
    assert held.alone == [list(range(WAITING // 2))]
    await lanes.close()


@pytest.mark.asyncio
async def test_what_must_rest_may_change_between_two_looks():
    held, answers = Held(), iter([0.0])
    held.release.set()
    lanes = Lanes(held.do_alone, lambda error: None, rests=lambda _: next(answers, 10.0), patience=lambda _: 0.0)
    await lanes.submit("a", 1)
    await until(lambda: held.alone == [[1]])
    await lanes.close()
