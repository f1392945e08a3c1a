from hypothesis import given, settings
from hypothesis import strategies as st

from cdc_consumer.ledger import Ledger

TP = ("cdc.public.items", 0)


def test_nothing_is_ready_before_the_first_acknowledgement():
    ledger: Ledger[tuple[str, int]] = Ledger()
    ledger.deliver(TP, 99)
    assert ledger.ready(TP) is None
    assert ledger.in_flight() == 1


def test_a_later_chunk_does_not_let_an_earlier_one_be_committed():
    ledger: Ledger[tuple[str, int]] = Ledger()
    for last in (99, 199, 299):
        ledger.deliver(TP, last)
    assert ledger.acknowledge(TP, 199)
    assert ledger.ready(TP) is None
    assert ledger.acknowledge(TP, 99)
    assert ledger.ready(TP) == 200


def test_a_revoked_partition_takes_no_late_acknowledgement_and_begins_anew():
    ledger: Ledger[tuple[str, int]] = Ledger()
    ledger.deliver(TP, 99)
    ledger.acknowledge(TP, 99)
    ledger.deliver(TP, 199)
    ledger.forget([TP])
    assert not ledger.acknowledge(TP, 199)
    assert ledger.ready(TP) is None
    ledger.deliver(TP, 150)
    assert ledger.acknowledge(TP, 150)
    assert ledger.ready(TP) == 151


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.permutations(range(n)))))
def test_ready_is_always_the_end_of_the_longest_acknowledged_prefix(case):
    number, order = case
    ledger: Ledger[tuple[str, int]] = Ledger()
    acknowledged = set()
    for chunk in range(number):
        ledger.deliver(TP, chunk * 10 + 9)
    for chunk in order:
        ledger.acknowledge(TP, chunk * 10 + 9)
        acknowledged.add(chunk)
        prefix = next(i for i in range(number + 1) if i not in acknowledged)
        assert ledger.ready(TP) == (prefix * 10 if prefix else None)
    assert ledger.in_flight() == 0
