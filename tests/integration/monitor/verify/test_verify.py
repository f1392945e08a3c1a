"""Equal databases are equal, and it is told what was looked at."""

import pytest

from monitor.verify import Effort, counts, verify
from tests.integration.monitor.verify.asking import market


class Steps:
    """A reporter that remembers: (total, steps) of each task."""

    def __init__(self):
        self.tasks = []

    def task(self, name, total):
        steps: list[int] = []
        self.tasks.append((total, steps))
        return steps.append


@pytest.mark.parametrize("chunk", [1, 7, 200, 10_000])
def test_equal(world, chunk):
    progress = Steps()
    report = verify(world.settings, world.documents, Effort(recheck_seconds=0, chunk=chunk), progress)
    assert report.ok, report.to_text()
    assert all(sum(steps) == total for total, steps in progress.tasks), progress.tasks
    for collection in report.collections:
        assert collection.rows == collection.documents == len(world.connection.execute(world.by_hand[collection.collection]).fetchall())
        assert collection.rechecked == 0
    assert {name: (count.rows, count.documents) for name, count in counts(world.settings, world.documents).items()} == {
        collection.collection: (collection.rows, collection.documents) for collection in report.collections
    }
    assert "Equal" in report.to_text()


@market
def test_too_many_differences_stop_the_walk(world):
    world.db.items_read.update_many({}, {"$set": {"title": "x"}})
    report = verify(world.settings, world.documents, Effort(recheck_seconds=0, chunk=20, max_suspects=50, limit_report=2))
    items = report.collections[1]
    assert (items.ok, items.complete, items.counts["different"], items.rows) == (False, False, 50, 60)
    assert "stopped early" in report.to_text()


@market
def test_an_empty_side_is_not_equal(world):
    world.db.items_read.delete_many({})
    report = verify(world.settings, world.documents, Effort(recheck_seconds=0, limit_report=3))
    items = report.collections[1]
    assert (items.rows, items.documents, items.counts["missing"], len(items.findings)) == (200, 0, 200, 3)
