import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cursor
from api.problem import Problem
from api.problems import CursorMismatch, MalformedCursor

POSITIONS = st.lists(st.integers(0, 2**63 - 1) | st.text(max_size=20), max_size=3)


@given(POSITIONS)
def test_a_position_comes_back(position):
    assert cursor.decode(cursor.encode(position, "hash"), "hash") == position


@pytest.mark.parametrize("character", ["\x1f", "\U00010000"], ids=["control", "astral"])
def test_a_position_of_long_names_comes_back(character):
    position = [character * 20] * 3
    assert cursor.decode(cursor.encode(position, "hash"), "hash") == position


@given(POSITIONS)
def test_a_cursor_needs_no_quoting_in_a_url(position):
    assert cursor.encode(position, "hash").replace("-", "a").replace("_", "a").isalnum()


def test_a_cursor_of_other_filters_is_refused():
    made = cursor.encode([1], cursor.list_hash("items", {"owner": 1}))
    with pytest.raises(CursorMismatch):
        cursor.decode(made, cursor.list_hash("items", {"owner": 2}))


def test_the_hash_ignores_order_and_filters_that_are_not_given():
    one = cursor.list_hash("items", {"owner": 1, "tag": "a", "status": None})
    assert one == cursor.list_hash("items", {"tag": "a", "owner": 1})
    assert one != cursor.list_hash("users", {"tag": "a", "owner": 1})
    assert one != cursor.list_hash("items", {"tag": "1", "owner": "a"})


@given(st.text(max_size=600))
def test_any_other_text_is_a_problem_and_nothing_else(text):
    with pytest.raises(Problem):
        cursor.decode(text, "hash")


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=8)


@given(JSON)
def test_any_other_json_in_a_cursor_is_malformed(value):
    text = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    with pytest.raises(MalformedCursor):
        cursor.decode(text, "hash")


@pytest.mark.parametrize("position", [[True], [1.5], [None], [[1]], [{"$gt": ""}], "ab", {"a": 1}])
def test_a_position_holds_integers_and_text_only(position):
    forged = base64.urlsafe_b64encode(json.dumps([cursor.VERSION, "hash", position]).encode()).decode()
    with pytest.raises(MalformedCursor):
        cursor.decode(forged, "hash")
