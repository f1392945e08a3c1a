import uuid

import pytest
from bson import ObjectId

from monitor.verify.keys import UnsupportedKeyError, key_type


@pytest.mark.parametrize(
    ("sql_type", "good", "bad"),
    [
        ("bigint", [0, -1, 2**62], [True, "1", 1.0, None, ObjectId()]),
        ("smallint", [0, 2**40], ["x"]),
        ("text", ["", "é", "0"], [1, None, "a\0b", b"x"]),
        ("character varying", ["x"], [1]),
        ("uuid", [str(uuid.UUID(int=5))], ["x", 5, str(uuid.UUID(int=171)).upper(), "", None]),
    ],
)
def test_which_values_of_id_can_be_keys(sql_type, good, bad):
    key = key_type(sql_type)
    assert [value for value in [*good, *bad] if key.owns(value)] == good


def test_keys_are_written_as_id_has_them():
    assert key_type("uuid").key(uuid.UUID(int=5)) == "00000000-0000-0000-0000-000000000005"
    assert key_type("integer").key(5) == 5


@pytest.mark.parametrize("sql_type", ["date", "numeric", "double precision", "character", "bytea", "integer[]"])
def test_types_without_a_common_order_are_refused(sql_type):
    with pytest.raises(UnsupportedKeyError):
        key_type(sql_type)
