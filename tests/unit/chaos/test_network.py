"""Faults of connections: what toxiproxy is told, against a server that answers as it does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chaos.experiments.catalogue import ENTRIES
from chaos.experiments.networks import HOLDS
from chaos.faults import network
from chaos.faults.base import Room, SkippedError
from chaos.faults.network import TOXICS, Disturbed
from stack.errors import StackError
from stack.routes import ROUTES
from tests.unit.chaos.fakes import FakeBackend


@pytest.fixture
def toxiproxy():
    toxics: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self, status, body):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def do_GET(self):
            self.answer(200, {"toxics": toxics})

        def do_POST(self):
            if self.path == "/reset":
                toxics.clear()
                self.send_response(204)
                self.end_headers()
                return
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if any(toxic["name"] == asked["name"] for toxic in toxics):
                self.answer(409, {"title": "toxic already exists"})
                return
            toxics.append(asked)
            self.answer(200, asked)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port, toxics
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def room(toxiproxy, monkeypatch):
    monkeypatch.setattr(network, "_port", lambda _: toxiproxy[0])
    monkeypatch.setattr(network, "lacks_proxies", lambda _: "")
    return Room(FakeBackend())


@pytest.mark.parametrize("kind", TOXICS)
def test_a_route_is_disturbed_both_ways_and_mended_twice(kind, room, toxiproxy):
    fault = Disturbed(kind, "worker-mongo")
    assert fault.effect(room) == ""
    fault.inject(room)
    assert [toxic["stream"] for toxic in toxiproxy[1]] == ["upstream", "downstream"]
    assert {toxic["type"] for toxic in toxiproxy[1]} == {TOXICS[kind][0]}
    assert fault.effect(room) == f"worker-mongo: {kind}-upstream, {kind}-downstream"
    fault.heal(room)
    fault.heal(room)
    assert fault.effect(room) == ""


def test_what_toxiproxy_refuses_is_told(room):
    Disturbed("reset", "api-mongo").inject(room)
    with pytest.raises(StackError, match="409"):
        Disturbed("reset", "api-mongo").inject(room)


def test_without_routes_it_says_what_is_needed():
    room = Room(FakeBackend())
    with pytest.raises(SkippedError, match="make up PROXIES=1"):
        Disturbed("latency", "api-mongo").inject(room)
    Disturbed("latency", "api-mongo").heal(room)


def test_a_toxiproxy_that_is_away_is_told():
    with pytest.raises(StackError, match="does not answer"):
        network.ask(1, "GET", "/proxies")


def test_each_kind_of_trouble_is_an_experiment_on_each_route():
    assert set(HOLDS) == {route.name for route in ROUTES}
    assert {f"{kind}-{route}" for kind in TOXICS for route in HOLDS} <= set(ENTRIES)
