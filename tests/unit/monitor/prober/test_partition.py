import pytest

from monitor.prober.partition import canary_ids, canary_key, murmur2, partition_of


@pytest.mark.parametrize(
    ("data", "signed"),
    [  # the vectors of Kafka's own UtilsTest
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
        (b"", 275646681),
    ],
)
def test_murmur2_is_kafkas(data, signed):
    assert murmur2(data) == signed % 2**32


@pytest.mark.parametrize("partitions", [1, 3, 4, 12, 50])
def test_every_partition_has_the_smallest_id_that_goes_there(partitions):
    ids = canary_ids(partitions)
    assert [partition_of(canary_key(key), partitions) for key in ids] == list(range(partitions))
    for partition, key in enumerate(ids):
        assert all(partition_of(canary_key(smaller), partitions) != partition for smaller in range(key))


def test_a_key_is_written_as_connect_writes_it():
    assert canary_key(12) == b'{"id":12}'
