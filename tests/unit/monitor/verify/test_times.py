import pytest

from monitor.verify.times import text_time


@pytest.mark.parametrize(
    ("debezium", "postgres"),
    [
        ("2024-05-01Z", "2024-05-01"),
        ("2024-05-01T10:00:00Z", "2024-05-01T12:00:00+02:00"),
        ("2024-05-01T10:00:00.123456Z", "2024-05-01T10:00:00.123456+00:00"),
        ("2024-05-01T10:00:00.5Z", "2024-05-01T10:00:00.5"),
        ("09:30:00Z", "09:30:00"),
        ("23:30:00.25Z", "01:30:00.25+02"),
        ("P0Y0M1DT2H0M0S", "P1DT2H"),
        ("P1Y2M3DT4H5M6.7S", "P14M3DT4H5M6.700000S"),
        ("P0Y0M0DT0H0M0S", "PT0S"),
        ("P0Y-1M-2DT-3H-4M-5.5S", "P-1M-2DT-3H-4M-5.5S"),
        ("P0Y0M0DT100H0M0.0S", "PT100H"),
    ],
)
def test_both_ways_of_writing_mean_the_same(debezium, postgres):
    assert text_time(debezium) == text_time(postgres)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024-05-01", "2024-05-02"),
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00.000001Z"),
        ("09:30:00", "09:30:01"),
        ("P1D", "PT24H"),
        ("P1M", "P30D"),
        ("PT1S", "PT10S"),
        ("PT0S", "PT0.0000001S"),
        ("2024-05-01", "2024-05-01T00:00:00Z"),
    ],
)
def test_what_means_something_else_stays_different(one, other):
    assert text_time(one) != text_time(other)


@pytest.mark.parametrize("text", ["", "infinity", "P", "PT", "24:00:00", "2024-13-01T00:00:00Z", "+99999-01-01", "no time"])
def test_other_text_is_left_alone_or_stable(text):
    assert text_time(text_time(text)) == text_time(text)
