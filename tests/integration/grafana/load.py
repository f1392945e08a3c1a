"""Writes and reads as clients of the API make them, for as long as the block lasts."""

from __future__ import annotations

import contextlib
import threading
import uuid

import httpx2

_PAUSE = 0.02  # seconds between two rounds of three requests: about 100 requests a second on a quiet machine


@contextlib.contextmanager
def load(url):
    """Users and items are made, changed, read and deleted by one client."""
    stop = threading.Event()
    failed = []

    def run():
        with httpx2.Client(base_url=url, timeout=10) as client:
            while not stop.wait(_PAUSE):
                try:
                    journey(client)
                except Exception as error:  # noqa: BLE001
                    failed.append(error)
                    return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not failed, failed


def journey(client):
    """One user with one item: created, changed, read; the item is deleted."""
    email = f"{uuid.uuid4().hex}@example.com"
    user = client.post("/v1/users", json={"name": "Ada", "email": email}).raise_for_status().json()["id"]
    item = {"owner_id": user, "title": "Engine", "price": "1.00", "status": "active", "tags": ["brass"]}
    made = client.post("/v1/items", json=item).raise_for_status().json()["id"]
    client.put(f"/v1/users/{user}", json={"name": "Countess", "email": email}).raise_for_status()
    client.put(f"/v1/items/{made}", json={**item, "title": "Analytical engine"}).raise_for_status()
    client.get("/v1/tags").raise_for_status()
    client.delete(f"/v1/items/{made}").raise_for_status()
