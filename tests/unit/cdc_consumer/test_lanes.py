import asyncio

import pytest

from cdc_consumer.lanes import WAITING, Lanes
from cdc_consumer.room import Room


@pytest.mark.asyncio
async def test_one_lane_keeps_its_order_and_lanes_run_side_by_side():
    running, most, seen = set(), 0, []
    done = asyncio.Event()

    async def work(jobs):
        nonlocal most
        ((lane, _),) = (job,) = jobs
        assert lane not in running
        running.add(lane)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.discard(lane)
        seen.append(job)
        if len(seen) == 20:
            done.set()

    lanes = Lanes(work, lambda error: None)
    for number in range(10):
        for lane in "ab":
            await lanes.submit(lane, (lane, number))
    await asyncio.wait_for(done.wait(), 5)
    await lanes.close()
    for lane in "ab":
        assert [job for job in seen if job[0] == lane] == [(lane, n) for n in range(10)]
    assert most == 2


@pytest.mark.asyncio
async def test_a_stuck_lane_makes_the_feeder_wait():
    release = asyncio.Event()

    async def work(_):
        await release.wait()

    lanes = Lanes(work, lambda error: None)

    async def feed():
        for number in range(2 * WAITING):
            await lanes.submit("a", number)

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(feed(), 0.1)
    await lanes.close()


@pytest.mark.asyncio
async def test_what_waited_in_a_lane_is_taken_together_as_far_as_it_fits():
    release, begun, seen = asyncio.Event(), asyncio.Event(), []

    async def work(jobs):
        begun.set()
        await release.wait()
        seen.append(jobs)

    lanes = Lanes(work, lambda error: None, weigh=lambda job: job, fits=lambda taken, job: sum(taken) + job <= 10)
    await lanes.submit("a", 1)
    await asyncio.wait_for(begun.wait(), 5)
    for job in (4, 5, 1, 8, 20, 2):
        await lanes.submit("a", job)
    release.set()
    async with asyncio.timeout(5):
        while sum(map(sum, seen)) < 41:  # noqa: ASYNC110 - a test
            await asyncio.sleep(0)
    await lanes.close()
    assert seen == [[1], [4, 5, 1], [8], [20], [2]]


@pytest.mark.asyncio
async def test_an_escaped_error_is_handed_to_die_and_the_lane_does_nothing_more():
    deaths: list[BaseException] = []
    done = []

    async def work(jobs):
        if "bad" in jobs:
            raise RuntimeError("bad")
        done.extend(jobs)

    lanes = Lanes(work, deaths.append)
    await lanes.submit("a", "bad")
    await lanes.submit("a", "next")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await lanes.close()
    assert [str(error) for error in deaths] == ["bad"]
    assert done == []


@pytest.mark.asyncio
async def test_what_is_let_in_is_bounded_in_jobs_and_in_bytes_and_nobody_overtakes():
    room = Room(3, 10)
    sizes = [25, 4, 4, 4, 1, 0, 0]
    tasks = [asyncio.create_task(room.enter(size)) for size in sizes]

    async def inside():
        for _ in range(3):
            await asyncio.sleep(0)
        return [size for size, task in zip(sizes, tasks, strict=True) if task.done()]

    assert await inside() == [25]  # larger than all room, so alone
    room.leave(25)
    assert await inside() == [25, 4, 4]
    room.leave(4)
    assert await inside() == [25, 4, 4, 4, 1]
    room.leave(4)
    assert await inside() == [25, 4, 4, 4, 1, 0]  # the third job
    room.leave(1)
    assert await inside() == sizes


@pytest.mark.asyncio
async def test_a_job_grows_as_far_as_there_is_room():
    room = Room(3, 10)
    await room.enter(4)
    await room.enter(3)
    assert not room.grow(4)
    assert room.grow(3)
    late = asyncio.create_task(room.enter(1))
    await asyncio.sleep(0)
    assert not late.done()
    room.leave(6)
    await asyncio.wait_for(late, 1)
    room.leave(4)
    room.leave(1)
    assert not room.grow(11)
    await room.enter(0)
    assert room.grow(10)


@pytest.mark.asyncio
async def test_who_gives_up_waiting_gives_its_room_back():
    room = Room(1, 100)
    await room.enter(10)
    waiting = asyncio.create_task(room.enter(10))
    late = asyncio.create_task(room.enter(10))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    room.leave(10)
    await asyncio.wait_for(late, 1)
