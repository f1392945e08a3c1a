"""Writes and reads as clients of the API make them, at a fixed rate, for as long as the block lasts."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2

CLIENTS = 4
WRITES = 5  # of one journey


@dataclass
class Load:
    """What was written so far, and since when."""

    began: float = field(default_factory=time.monotonic)
    journeys: int = 0
    failed: list[Exception] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> None:
        """One more journey is made."""
        with self._lock:
            self.journeys += 1

    def rate(self) -> float:
        """Acknowledged writes a second."""
        return WRITES * self.journeys / (time.monotonic() - self.began)


@contextlib.contextmanager
def load(url: str, rate: float) -> Iterator[Load]:
    """Users and items are made, changed, read and deleted: `rate` writes a second, if the API can."""
    stop, made = threading.Event(), Load()
    every = CLIENTS * WRITES / rate

    def run(number: int) -> None:
        due = made.began + every * number / CLIENTS
        with httpx2.Client(base_url=url, timeout=10) as client:
            while not stop.wait(max(0.0, due - time.monotonic())):
                try:
                    journey(client)
                except Exception as error:  # noqa: BLE001
                    made.failed.append(error)
                    return
                made.count()
                due += every

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        assert not made.failed, made.failed


def journey(client: httpx2.Client) -> None:
    """One user with one item: created, changed, read; the item is deleted."""
    email = f"{uuid.uuid4().hex}@example.com"
    user = client.post("/v1/users", json={"name": "Ada", "email": email}).raise_for_status().json()["id"]
    item = {"owner_id": user, "title": "Engine", "price": "1.00", "status": "active", "tags": ["brass"]}
    made = client.post("/v1/items", json=item).raise_for_status().json()["id"]
    client.put(f"/v1/users/{user}", json={"name": "Countess", "email": email}).raise_for_status()
    client.put(f"/v1/items/{made}", json={**item, "title": "Analytical engine"}).raise_for_status()
    client.get("/v1/tags").raise_for_status()
    client.delete(f"/v1/items/{made}").raise_for_status()
