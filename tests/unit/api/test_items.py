import pytest
from bson import encode
from hypothesis import given
from hypothesis import strategies as st

from api.items.queries import conditions, order, search
from api.items.schemas import ItemParameters, Status
from api.models import STATUSES
from api.paging import NEWEST_FIRST, cheapest_first
from api.problems import MalformedCursor


def test_the_statuses_of_the_api_are_those_of_the_table():
    assert tuple(Status) == STATUSES


@given(st.text(max_size=60))
def test_a_search_has_quoted_words_only(text):
    terms = search(text)
    assert terms.count('"') % 2 == 0
    assert all(part.strip() == "" for part in terms.split('"')[::2])


def test_every_filter_becomes_a_condition_that_bson_can_hold():
    given_all = ItemParameters.model_validate(
        {"owner": 1, "tag": "a", "status": "sold", "min_price": "1", "max_price": "2.5", "text": "oak chair"}
    )
    found = conditions(given_all)
    assert len(found) == 6
    encode({"$and": found})


@pytest.mark.parametrize("name", ["min_price", "max_price"])
def test_a_price_range_orders_by_price(name):
    assert order(ItemParameters.model_validate({name: "3"})).sort == [("price", 1), ("_id", 1)]
    assert order(ItemParameters.model_validate({"owner": 3})) is NEWEST_FIRST


@pytest.mark.parametrize("position", [[], [-1], [2**63], ["1"], [1, 2]])
def test_a_position_that_no_row_can_have(position):
    with pytest.raises(MalformedCursor):
        NEWEST_FIRST.behind(position)


@pytest.mark.parametrize("position", [[], [1], ["x", 1], ["NaN", 1], ["1.00", "1"], ["1.00", 2**63], [1, 1]])
def test_a_price_position_that_no_row_can_have(position):
    with pytest.raises(MalformedCursor):
        cheapest_first(None).behind(position)
