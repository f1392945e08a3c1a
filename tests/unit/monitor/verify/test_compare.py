from decimal import Decimal

import pytest

from monitor.verify.compare import ABSENT, Difference, differences, equal


@pytest.mark.parametrize(
    ("postgres", "mongodb", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1, "b": 2}, {"b": 2, "c": 3}, [("a", 1, ABSENT), ("c", ABSENT, 3)]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, [("a.b.c", 1, 2)]),
        ({"a": [{"id": 1}, {"id": 2}]}, {"a": [{"id": 1}]}, [("a[1]", {"id": 2}, ABSENT)]),
        ({"a": [1]}, {"a": [1, 2]}, [("a[1]", ABSENT, 2)]),
        ({"a": None}, {"a": {}}, [("a", None, {})]),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": Decimal(1)}, {"a": 1}, [("a", Decimal(1), 1)]),
        (None, {"a": 1}, [("", None, {"a": 1})]),
        (None, None, []),
    ],
)
def test_every_place_is_named(postgres, mongodb, expected):
    assert list(differences(postgres, mongodb)) == [Difference(*place) for place in expected]
    assert equal(postgres, mongodb) is (not expected)
