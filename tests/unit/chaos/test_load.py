import itertools
import random

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.checker.final import Final, check_final
from chaos.checker.model import model
from chaos.checker.reads import check_reads
from chaos.history.records import Op, Outcome, Read, Write
from chaos.load.answers import of_answer, of_error, promised
from chaos.load.open_loop import schedule
from chaos.load.world import World
from tests.unit.chaos.histories import RUN


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (201, {"id": 1}, Outcome.OK),
        (204, {}, Outcome.OK),
        (404, {"type": "/problems/unknown-id"}, Outcome.FAIL),
        (503, {"type": "/problems/postgres-unavailable", "outcome": "none"}, Outcome.FAIL),
        (503, {"type": "/problems/postgres-unavailable", "outcome": "unknown"}, Outcome.UNKNOWN),
        (500, {"type": "/problems/internal-error"}, Outcome.UNKNOWN),
        (502, "<html>", Outcome.UNKNOWN),
    ],
)
def test_what_an_answer_says(status, body, outcome):
    assert of_answer(status, body)[0] is outcome


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (httpx2.ConnectError("refused"), Outcome.FAIL),
        (httpx2.ReadTimeout("late"), Outcome.UNKNOWN),
        (httpx2.RemoteProtocolError("cut"), Outcome.UNKNOWN),
    ],
)
def test_what_silence_says(error, outcome):
    assert of_error(error)[0] is outcome


def test_only_a_promise_is_a_promise():
    assert promised({}) is None
    assert promised({"cdc-max-staleness": "2.5"}) == 2.5


class Perfect:
    """A server and a reader that do everything right at once; some answers get lost."""

    def __init__(self, seed, lose):
        self.world = World(RUN, random.Random(seed))
        self.lose = lose
        self.rows, self.writes, self.reads, self.ids = {}, [], [], {"users": 0, "items": 0}

    def shown(self, table, key):
        if (row := self.rows.get((table, key))) is None or table == "users":
            return row
        owner = {"id": row["owner_id"], **self.rows["users", row["owner_id"]]}
        return {**{k: v for k, v in row.items() if k != "owner_id"}, "owner": owner}

    def step(self, now):
        planned = self.world.next()
        outcome = self.lose(now)
        key = planned.key
        if outcome is not Outcome.FAIL and not (outcome is Outcome.UNKNOWN and now % 2):
            if key is None:
                self.ids[planned.table] += 1
                key = self.ids[planned.table]
            if planned.body is None:
                self.rows.pop((planned.table, key), None)
            else:
                self.rows[planned.table, key] = dict(planned.body)
        told = key if outcome is Outcome.OK else planned.key
        self.world.done(planned, outcome, told)
        self.writes.append(
            Write(planned.version, planned.table, told, planned.op, now, now, now + 0.1, outcome, planned.owner, planned.tags)
        )
        if self.world.places:
            place = self.world.chance.choice(self.world.places)
            self.reads.append(Read("a", "api", *place, now + 0.2, now + 0.2, now + 0.3, Outcome.OK, self.shown(*place), promised=0.0))

    def documents(self):
        return {place: self.shown(*place) for place in self.rows}


OUTCOMES = st.lists(st.sampled_from([Outcome.OK, Outcome.OK, Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN]), min_size=1, max_size=20)


@settings(deadline=None)
@given(st.integers(0, 10**6), OUTCOMES)
def test_a_server_that_does_everything_right_is_never_blamed(seed, outcomes):
    server = Perfect(seed, lambda now: outcomes[now % len(outcomes)])
    for now in range(120):
        server.step(now)
    known, documents = model(server.writes), server.documents()
    assert list(check_reads(server.reads, known, RUN)) == []
    assert check_final(Final(documents, documents), known, RUN).findings == []


@settings(deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_any_one_document_that_is_not_that_of_its_row_is_found(seed, data):
    server = Perfect(seed, lambda _: Outcome.OK)
    for now in range(120):
        server.step(now)
    documents = server.documents()
    place = data.draw(st.sampled_from(sorted(documents)))
    wrong = dict(documents)
    if data.draw(st.booleans()):
        del wrong[place]
    else:
        wrong[place] = {**documents[place], "name" if place[0] == "users" else "title": "r1 0"}
    assert check_final(Final(documents, wrong), model(server.writes), RUN).findings


def test_a_key_is_never_written_twice_at_once_nor_after_an_unknown_outcome():
    world, on_their_way, dead = World(RUN, random.Random(3)), {}, set()
    ids = iter(range(1, 10_000))
    for step in range(2000):
        planned = world.next()
        place = (planned.table, planned.key)
        assert planned.key is None or (place not in on_their_way and place not in dead)
        on_their_way[place if planned.key else ("new", step)] = planned
        if len(on_their_way) > 8:
            answered, done = on_their_way.popitem() if step % 2 else (next(iter(on_their_way)), None)
            done = done or on_their_way.pop(answered)
            outcome = Outcome.UNKNOWN if step % 50 == 0 else Outcome.OK
            key = done.key or (next(ids) if outcome is Outcome.OK else None)
            if outcome is Outcome.UNKNOWN or done.op is Op.DELETE:
                dead.add((done.table, key))
            world.done(done, outcome, key)
    assert {planned.op for planned in on_their_way.values()} <= set(Op)


def test_the_schedule_ramps_up_and_then_keeps_its_rate():
    due = [schedule(number, 10) for number in range(60)]
    assert due == sorted(due)
    assert due[0] == 0.0
    assert due[1] > 0.5
    assert [round(b - a, 6) for a, b in itertools.pairwise(due[20:])] == [0.1] * 39
