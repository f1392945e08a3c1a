"""The open loop's schedule."""

from bench.load import schedule


def test_writes_are_due_at_a_fixed_rate_whatever_becomes_of_them():
    writes = schedule(100, 10, 50, 1000.0)
    assert [round(write.due - 1000.0, 2) for write in writes] == [round(n / 50, 2) for n in range(10)]
    assert len({write.id for write in writes}) == 10


def test_half_are_updates_of_old_items_each_once():
    writes = schedule(100, 10, 50, 0.0, old=[1, 2, 3, 4, 5])
    assert [write.id for write in writes if not write.insert] == [1, 2, 3, 4, 5]
    assert len({write.title for write in writes}) == 10
