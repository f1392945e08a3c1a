"""PROXIES=1: what is told another address, and what is not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stack import proxy_probe, render
from stack.components import Components, toxiproxy
from stack.environment import process_env
from stack.errors import NotReadyError, StackError
from stack.layout import layout
from stack.passwords import Passwords
from stack.programs import programs
from stack.routes import ROUTES
from stack.settings import load, parse_env
from stack.shape import sized


@pytest.fixture
def plain(tmp_path):
    return load({"STACK_DIR": str(tmp_path / "s")})


@pytest.fixture
def routed(plain):
    return sized(plain, proxies=1)


def env(settings):
    return process_env(settings, Passwords("p1", "p2", "p3", "p4"))


def running(settings):
    names = [name for name in Components.__dataclass_fields__ if name != "kafka_classpath"]
    components = Components(kafka_classpath="/libs/*", **{name: Path("/bin") / name for name in names})
    return {program.name: program for program in programs(settings, layout(settings.directory), components, env(settings))}


def test_clients_are_told_the_routes_and_watchers_are_not(routed, plain):
    found = running(routed)
    assert found["worker-1"].env["CDC_BROKER"] == "127.0.0.1:19157"
    assert found["worker-1"].env["CDC_MONGO_URI"] == "mongodb://127.0.0.1:19156/?directConnection=true"
    assert "@127.0.0.1:19160/" in found["api"].env["API_POSTGRES_DSN"]
    assert found["api"].env["API_MONGO_URI"] == "mongodb://127.0.0.1:19161/?directConnection=true"
    assert found["proxy"].command[0] == "/bin/toxiproxy"
    assert env(routed) == env(plain) | {"CONNECT_DB_PORT": "19158"}
    assert found["prober"].env == running(plain)["prober"].env


def test_kafka_tells_each_client_the_way_through_its_route(routed, tmp_path):
    render.write_all(routed, layout(routed.directory), tmp_path)
    etc = layout(routed.directory).etc
    found = parse_env((etc / "kafka.properties").read_text())
    assert "WORKER://127.0.0.1:19162" in found["listeners"]
    assert found["advertised.listeners"] == "PLAINTEXT://127.0.0.1:19092,WORKER://127.0.0.1:19157,CONNECT://127.0.0.1:19159"
    assert "CONNECT:PLAINTEXT" in found["listener.security.protocol.map"]
    assert parse_env((etc / "connect.properties").read_text())["bootstrap.servers"] == "127.0.0.1:19159"
    proxies = {proxy["name"]: proxy for proxy in json.loads((etc / "proxies.json").read_text())}
    assert proxies["worker-kafka"]["upstream"] == "127.0.0.1:19162"
    assert len(proxies) == len(ROUTES)


def test_without_routes_nobody_listens_for_them(plain, routed):
    assert set(routed.ports()) - set(plain.ports()) == {
        "proxy",
        *(route.port.lower().replace("_", " ") for route in ROUTES),
        "kafka for worker",
        "kafka for connect",
    }
    assert "proxy" not in running(plain)


def test_routes_lead_to_one_place_each(plain):
    with pytest.raises(StackError, match="one broker and one MongoDB"):
        sized(plain, brokers=3, proxies=1)
    with pytest.raises(StackError, match="PROXIES=2"):
        sized(plain, proxies=2)


def test_routes_are_remembered_and_can_be_left_again(routed):
    routed.remember()
    again = load({"STACK_DIR": str(routed.directory)})
    assert sized(again).state.proxies == 1
    assert sized(again, proxies=0) == replace(again, state=replace(again.state, proxies=0))


@pytest.mark.parametrize(
    ("change", "said"),
    [({}, ""), ({"toxics": [{}]}, "disturbed: api-mongo"), ({"enabled": False}, "missing: api-mongo")],
)
def test_a_disturbed_route_is_no_ready_one(change, said, monkeypatch):
    found = {route.name: {"enabled": True, "toxics": []} for route in ROUTES}
    found["api-mongo"] |= change
    monkeypatch.setattr(proxy_probe, "fetch", lambda _port, _path: (200, json.dumps(found).encode()))
    if not said:
        assert proxy_probe.proxy(1) == "6 routes, none disturbed"
        return
    with pytest.raises(NotReadyError, match=said):
        proxy_probe.proxy(1)


def test_without_go_the_message_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("CDC_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="no go on PATH") as caught:
        toxiproxy.provide(print)
    assert "make up" in caught.value.advice


def test_a_toxiproxy_that_was_built_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("CDC_CACHE", str(tmp_path))
    toxiproxy._directory().mkdir(parents=True)
    assert toxiproxy.provide(print).name == "toxiproxy"
