"""Whether the components that have no numbers of their own here answer at all."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import redis

from monitor.prober.board import Sample


class NotServingError(Exception):
    """Something answered, and not as it should."""


@dataclass
class HttpProbe:
    """A page that answers 200."""

    url: str
    seconds: float

    def look(self) -> list[Sample]:
        """Raises OSError or NotServingError."""
        fetch(self.url, self.seconds)
        return []


def fetch(url: str, seconds: float) -> bytes:
    """The page. Raises OSError (urllib's errors are) or NotServingError."""
    with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 - the address is a setting of the operator
        if answer.status != HTTPStatus.OK:
            raise NotServingError(f"{url} answers {answer.status}")
        return bytes(answer.read())


@dataclass
class WorkersProbe:
    """All workers that Prometheus is told to scrape; read anew each time, for workers come and go."""

    targets: Path
    seconds: float

    def look(self) -> list[Sample]:
        """Raises OSError or NotServingError unless every worker is ready."""
        addresses = [address for group in json.loads(self.targets.read_text()) for address in group["targets"]]
        if not addresses:
            raise NotServingError(f"{self.targets} names no workers")
        for address in addresses:
            fetch(f"http://{address}/ready", self.seconds)
        return []


class RedisProbe:
    """PING."""

    def __init__(self, url: str, seconds: float) -> None:
        self._client = redis.Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds)

    def look(self) -> list[Sample]:
        """Raises redis.RedisError."""
        self._client.ping()
        return []
