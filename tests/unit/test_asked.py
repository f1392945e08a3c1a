import pytest

from tests.asked import number, whole


@pytest.mark.parametrize(("said", "found"), [({}, 5), ({"RATE": ""}, 5), ({"RATE": "7.5"}, 7.5), ({"RATE": "1"}, 1)])
def test_what_is_said_or_what_is_usual(said, found):
    assert number("RATE", 5, least=1, environment=said) == found


@pytest.mark.parametrize("said", ["abc", "0", "-3", "nan", "inf"])
def test_what_is_no_number_or_too_little_is_named_before_anything_starts(said):
    with pytest.raises(pytest.UsageError, match=f"RATE={said}: a number from 1 on is possible, for example RATE=5"):
        number("RATE", 5, least=1, environment={"RATE": said})


@pytest.mark.parametrize("said", ["1.5", "abc", "0", "inf"])
def test_what_is_counted_is_whole(said):
    with pytest.raises(pytest.UsageError, match=f"SCHEDULES={said}: a whole number from 1 on is possible, for example SCHEDULES=60"):
        whole("SCHEDULES", 60, environment={"SCHEDULES": said})
    assert whole("SCHEDULES", 60, environment={"SCHEDULES": "7"}) == 7
