"""The verify that never ends, on real databases: it finds what is wrong, and nothing that is only late."""

import time

import pytest

from monitor.prober import metrics
from monitor.prober.barrier import Evidence
from monitor.prober.lag import Offsets
from monitor.prober.sampled import Sampler
from tests.integration.monitor.verify.asking import change, market

pytestmark = market

APPLIED = Evidence(lambda _: True, lambda: Offsets(asked=time.monotonic(), committed={}, ends={}))
STOPPED = Evidence(lambda _: False, lambda: None)


@pytest.fixture(autouse=True)
def _unverified():
    metrics.UP_TO.clear()


@pytest.fixture
def sampler(world):
    made = []

    def make(evidence=APPLIED, size=60):
        made.append(Sampler(world.dsn, world.db, world.documents, evidence, size))
        return made[-1]

    yield make
    for one in made:
        one._drop()


def steps(sampler, count):
    for _ in range(count):
        samples = sampler.look()
    return {sample.labels: sample.value for sample in samples if sample.value}


def up_to(collection):
    return metrics.REGISTRY.get_sample_value("cdc_verified_up_to_timestamp_seconds", {"collection": collection})


def passes(sampler):
    return [walk.passes for walk in sampler.walks]


def test_equal_databases_are_verified_page_by_page(sampler):
    found, began = sampler(), time.time()
    assert steps(found, 2) == {}
    assert (passes(found), up_to("items_read")) == ([1, 0], None)
    assert up_to("users_read") >= began
    assert steps(found, 6) == {}
    assert passes(found) == [2, 1], "200 items are four pages of 60, 60, 60 and 20, and get six turns of eight"
    assert began <= up_to("items_read") < up_to("users_read")


def test_what_is_wrong_is_found_counted_and_forgotten_when_it_is_mended(sampler, world):
    whole = world.db.items_read.find_one({"_id": 70})
    change(world, "items_read", 5, title="planted")
    world.db.items_read.delete_one({"_id": 70})
    world.db.items_read.insert_one({"_id": 9_000, "title": "planted"})
    world.db.users_read.insert_one({"_id": "a stranger"})
    found = sampler()
    wrong = {("items_read", "different"): 1, ("items_read", "missing"): 1, ("items_read", "extra"): 1, ("users_read", "extra"): 1}
    assert steps(found, 20) == wrong
    assert up_to("items_read") is up_to("users_read") is None

    world.db.items_read.replace_one({"_id": 70}, whole, upsert=True)
    world.db.items_read.delete_one({"_id": 9_000})
    world.db.users_read.delete_one({"_id": "a stranger"})
    assert steps(found, 2) == {("items_read", "different"): 1}
    (title,) = world.connection.execute("SELECT title FROM items WHERE id = 5").fetchone()
    change(world, "items_read", 5, title=title)
    assert steps(found, 2) == {}
    steps(found, 16)
    assert up_to("items_read")


def test_what_is_on_its_way_is_an_open_question_and_not_wrong(sampler, world):
    (before,) = world.connection.execute("SELECT title FROM items WHERE id = 5").fetchone()
    world.connection.execute("UPDATE items SET title = 'under way' WHERE id = 5")
    try:
        found = sampler(STOPPED)
        assert steps(found, 12) == {}
        assert list(found.walks[1].questions) == [5]
        assert (up_to("items_read"), passes(found)[1]) == (None, 0), "the pass is not over before the question is answered"
        (updated_at,) = world.connection.execute("SELECT updated_at FROM items WHERE id = 5").fetchone()
        change(world, "items_read", 5, title="under way", updated_at=updated_at)
        assert steps(found, 2) == {}
        assert not found.walks[1].questions
        assert up_to("items_read")
    finally:
        world.connection.execute("UPDATE items SET title = %s WHERE id = 5", (before,))


def test_an_absent_database_keeps_nothing_on_the_board_and_the_walk_goes_on_afterwards(sampler, world, monkeypatch):
    found = sampler()
    steps(found, 2)
    right, found.dsn = found.dsn, "postgresql://postgres@127.0.0.1:1/app"
    found._drop()
    with pytest.raises(Exception, match="refused"):
        found.look()
    found.dsn = right
    assert steps(found, 4) == {}


def test_many_questions_pause_the_walk(sampler, world, monkeypatch):
    monkeypatch.setattr("monitor.prober.walk.OPEN", 50)
    world.db.items_read.update_many({}, {"$set": {"title": "x"}})
    found = sampler(STOPPED)
    steps(found, 12)
    assert 50 <= len(found.walks[1].questions) <= 60
    assert found.walks[1].after == 60
