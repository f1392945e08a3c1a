"""What a sweep leaves alone, and when the workers have caught up."""

from cdc_consumer.offsets import behind_by
from cdc_consumer.sweep import _keys

TOPIC = "cdc.public.items"


def test_parked_keys_are_read_back_as_rows_have_them():
    lanes = {f'{TOPIC} {{"id":7}}', f'{TOPIC} {{"item_id":3,"tag_id":4}}', f'{TOPIC} {{"id":"a b"}}'}
    assert _keys(TOPIC, lanes) == {7, (("item_id", 3), ("tag_id", 4)), "a b"}


def test_a_parked_key_that_is_no_rows_is_passed_over():
    assert _keys(TOPIC, {f"{TOPIC} \\xff", f"{TOPIC} {{}}", f"{TOPIC} [1]"}) == set()


def test_only_what_is_not_committed_is_behind():
    wanted = {("t", 0): 10, ("t", 1): 5, ("t", 2): 4}
    assert behind_by(wanted, {("t", 0): 10, ("t", 1): 2}) == 7
    assert behind_by(wanted, {("t", 0): 12, ("t", 1): 5, ("t", 2): 4}) == 0
