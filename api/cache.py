from __future__ import annotations

import time

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.settings import Settings

log = structlog.get_logger("api")

# After a failure Redis is left alone for so long: a Redis that hangs would cost every request its timeout.
PAUSE_S = 2.0


def make_redis(settings: Settings) -> Redis | None:
    """The client, or None when there is no Redis. Connects at first use."""
    if settings.redis_url is None:
        return None
    return Redis.from_url(
        settings.redis_url.get_secret_value(),
        socket_timeout=settings.redis_timeout_s,
        socket_connect_timeout=settings.redis_timeout_s,
        client_name="api",
    )


class Cache:
    """A cache that never fails: what goes wrong is logged, and counts as not found."""

    def __init__(self, redis: Redis | None) -> None:
        self.redis = redis
        self._paused_until = 0.0

    def _away(self) -> bool:
        return self.redis is None or time.monotonic() < self._paused_until

    def _pause(self, error: Exception) -> None:
        self._paused_until = time.monotonic() + PAUSE_S
        log.warning("redis_unavailable", error=str(error))

    async def get(self, key: str) -> bytes | None:
        """The value kept under the key."""
        if self.redis is None or self._away():
            return None
        try:
            value = await self.redis.get(key)
        except (RedisError, OSError, TimeoutError) as error:
            self._pause(error)
            return None
        return value.encode() if isinstance(value, str) else value

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keeps the value for so many seconds."""
        if self.redis is None or self._away():
            return
        try:
            await self.redis.set(key, value, ex=seconds)
        except (RedisError, OSError, TimeoutError) as error:
            self._pause(error)
