"""Reading a member's assignment."""

from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from cdc_consumer.group import Offsets, _assigned


def test_an_assignment_is_read():
    data = ConsumerProtocolMemberAssignment(0, [("cdc.public.items", [0, 2]), ("cdc.public.users", [1])], b"").encode()
    assert _assigned(data) == [("cdc.public.items", 0), ("cdc.public.items", 2), ("cdc.public.users", 1)]
    assert _assigned(b"") == []


def test_lag_is_never_negative():
    assert Offsets(committed=9, end=4).lag == 0
