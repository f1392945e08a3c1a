import pytest
from redis.asyncio import Redis

from api.cache import Cache

pytestmark = pytest.mark.asyncio


async def test_without_redis_nothing_is_found_and_nothing_fails():
    cache = Cache(None)
    await cache.put("key", b"value", 1)
    assert await cache.get("key") is None


async def test_a_redis_that_fails_is_left_alone_for_a_while():
    calls = []

    class Failing(Redis):
        async def get(self, *_):
            calls.append("get")
            raise ConnectionError("away")

    cache = Cache(Failing())
    assert await cache.get("key") is None
    assert await cache.get("key") is None
    await cache.put("key", b"value", 1)
    assert calls == ["get"]
