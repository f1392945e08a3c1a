"""Three brokers, three MongoDB nodes: what is written for them, and what is refused."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from stack import brokers, kafka, members, render
from stack.environment import process_env
from stack.errors import NotReadyError, StackError
from stack.kafka_probes import broker, controller
from stack.layout import layout
from stack.passwords import Passwords
from stack.programs import programs
from stack.services import services
from stack.settings import load, parse_env
from stack.shape import sized

PASSWORDS = Passwords("p1", "p2", "p3", "p4")


@pytest.fixture
def one(tmp_path):
    return load({"STACK_DIR": str(tmp_path / "s")})


@pytest.fixture
def three(one):
    return sized(one, brokers=3, mongo_nodes=3).remember()


def properties(settings, tmp_path, name):
    render.write_all(settings, layout(settings.directory), tmp_path)
    return parse_env((layout(settings.directory).etc / name).read_text())


def test_a_lone_broker_is_controller_too_and_keeps_one_copy(one, tmp_path):
    found = properties(one, tmp_path, "kafka.properties")
    assert (found["process.roles"], found["node.id"], found["min.insync.replicas"]) == ("broker,controller", "1", "1")
    assert found["controller.quorum.voters"] == "1@127.0.0.1:19093"
    assert found["listeners"] == "PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert {value for key, value in found.items() if key.endswith("replication.factor")} == {"1"}


def test_three_brokers_keep_three_copies_and_acknowledge_two(three, tmp_path):
    found = {node.name: properties(three, tmp_path, node.file) for node in brokers.nodes(three)}
    assert [(name, text["process.roles"], text["node.id"]) for name, text in found.items()] == [
        ("kafka-controller", "controller", "100"),
        ("kafka-1", "broker", "1"),
        ("kafka-2", "broker", "2"),
        ("kafka-3", "broker", "3"),
    ]
    for text in found.values():
        assert text["controller.quorum.voters"] == "100@127.0.0.1:19093"
        assert {value for key, value in text.items() if key.endswith("replication.factor")} == {"3"}
        assert {value for key, value in text.items() if key.endswith(("min.isr", "min.insync.replicas"))} == {"2"}
    assert found["kafka-2"]["listeners"] == found["kafka-2"]["advertised.listeners"] == "PLAINTEXT://127.0.0.1:19094"
    assert len({text["log.dirs"] for text in found.values()}) == 4
    connect = properties(three, tmp_path, "connect.properties")
    assert connect["bootstrap.servers"] == "127.0.0.1:19092,127.0.0.1:19094,127.0.0.1:19095"
    assert {value for key, value in connect.items() if key.endswith("replication.factor")} == {"3"}


def test_every_process_is_told_of_all_of_a_set(three):
    env = process_env(three, PASSWORDS)
    assert env["CDC_BROKER"] == env["PROBER_BROKER"] == "127.0.0.1:19092,127.0.0.1:19094,127.0.0.1:19095"
    assert env["CONNECT_REPLICATION_FACTOR"] == "3"
    uris = {value for key, value in env.items() if key.endswith("MONGO_URI")}
    assert uris == {"mongodb://127.0.0.1:27117,127.0.0.1:27118,127.0.0.1:27119/?replicaSet=rs0"}


def test_without_sets_nothing_of_them_is_there(one, components):
    env = process_env(one, PASSWORDS)
    assert "CONNECT_REPLICATION_FACTOR" not in env
    assert not any("_2" in name or " 2" in name or "controller metrics" in name for name in one.ports())
    assert {"kafka", "mongo"} <= {program.name for program in programs(one, layout(one.directory), components, env)}
    assert {"kafka", "mongo"} <= {service.name for service in services(one, env)}


def test_each_member_has_its_own_port_data_and_cache(three, tmp_path):
    render.write_all(three, layout(three.directory), tmp_path)
    found = [yaml.safe_load((layout(three.directory).etc / member.file).read_text()) for member in members.members(three)]
    assert [text["net"]["port"] for text in found] == [27117, 27118, 27119]
    assert len({text["storage"]["dbPath"] for text in found}) == 3
    assert {text["storage"]["wiredTiger"]["engineConfig"]["cacheSizeGB"] for text in found} == {0.25}


def test_no_two_of_a_full_stack_share_a_port(three):
    ports = list(three.remember(workers=4).ports().values())
    assert len(set(ports)) == len(ports) > 20


def test_the_controller_stops_after_the_brokers(three, components):
    env = process_env(three, PASSWORDS)
    priority = {program.name: program.priority for program in programs(three, layout(three.directory), components, env)}
    assert priority["kafka-3"] > priority["kafka-controller"]


@pytest.mark.parametrize(("options", "said"), [({"brokers": 2}, "BROKERS=2"), ({"mongo_nodes": 0}, "MONGO_NODES=0")])
def test_other_numbers_are_refused(one, options, said):
    with pytest.raises(StackError, match=f"{said}: 1 or 3"):
        sized(one, **options)


@pytest.mark.parametrize(
    ("disk", "options"),
    [("kafka/meta.properties", {"brokers": 3}), ("mongo/WiredTiger", {"mongo_nodes": 3})],
)
def test_data_keep_the_number_that_they_were_made_with(one, disk, options):
    path = layout(one.directory).data / disk
    path.parent.mkdir(parents=True)
    path.touch()
    with pytest.raises(StackError) as caught:
        sized(one, **options)
    assert "make reset" in caught.value.advice
    assert sized(one, brokers=1, mongo_nodes=1) == one


def test_three_do_not_become_one_and_are_remembered(three):
    (layout(three.directory).data / "kafka-1").mkdir(parents=True)
    (layout(three.directory).data / "kafka-1" / "meta.properties").touch()
    again = load({"STACK_DIR": str(three.directory)})
    assert sized(again).state.brokers == 3
    with pytest.raises(StackError, match="BROKERS=3"):
        sized(again, brokers=1)


def test_all_nodes_have_the_clusters_id_also_after_an_interruption(tmp_path):
    disks = [tmp_path / name for name in ("a", "b")]
    disks[1].mkdir()
    (disks[1] / "meta.properties").write_text("#\nversion=1\ncluster.id=abc\n")
    assert kafka.cluster_id(disks) == "abc"
    assert kafka.cluster_id(disks[:1]) != kafka.cluster_id(disks[:1])


def test_a_broker_is_ready_when_its_copies_are_in_step(monkeypatch):
    part = type("Part", (), {"replicas": [1, 2, 3], "isrs": [1, 2], "leader": 2})
    topic = type("Topic", (), {"partitions": {0: part}})
    metadata = SimpleNamespace(brokers={1: None, 2: None}, topics={"t": topic})
    admin = type("Admin", (), {"list_topics": lambda _self, timeout: metadata})
    monkeypatch.setattr("stack.kafka_probes.kafka_admin", lambda _address: admin())
    assert broker("x:1", 2) == "broker 2 of 2, leads 1 of 1 partitions"
    with pytest.raises(NotReadyError, match="not among"):
        broker("x:1", 3)
    metadata.brokers[3] = None
    with pytest.raises(NotReadyError, match="1 of its 1 partitions"):
        broker("x:1", 3)


def test_a_process_is_the_controller_when_it_says_so(monkeypatch):
    page = b"kafka_controller_kafkacontroller_activecontrollercount 1.0\n"
    monkeypatch.setattr("stack.kafka_probes.fetch", lambda _port, _path: (200, page))
    assert controller(1) == "the active controller"
    monkeypatch.setattr("stack.kafka_probes.fetch", lambda _port, _path: (200, page.replace(b"1.0", b"0.0")))
    with pytest.raises(NotReadyError):
        controller(1)


@pytest.fixture
def components():
    from stack.components import Components

    names = [name for name in Components.__dataclass_fields__ if name != "kafka_classpath"]
    return Components(kafka_classpath="/libs/*", **{name: Path("/bin") / name for name in names})
