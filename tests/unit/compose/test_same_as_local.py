"""Both modes are one system: what differs is where things lie and how they are reached."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from connectors.settings import ConnectSettings
from connectors.template import connector_config
from stack import containers, kafka, render
from stack.components import Components
from stack.environment import keeper_env, process_env, select
from stack.layout import layout
from stack.programs import programs
from stack.settings import HOST

PROCESSES = {
    "api": "API_",
    "worker": "CDC_",
    "migrate": "MIGRATE_",
    "register": "CONNECT_",
    "seed": "SEED_",
    "verify": "VERIFY_",
    "prober": "PROBER_",
    "board": "BOARD_",
}
# clean_mongo.py belongs to reset-all, which is local; Grafana gets PROMETHEUS_URL; the keeper has variables of three processes, see below;
# `make alerts` asks published ports
BY_ITSELF = {"CLEAN_", "PROMETHEUS_", "KEEPER_", "ALERTS_"}


def as_in_a_container(env, local):
    """The variables of local mode with every address replaced by the container that listens there."""
    hosts = {f"{HOST}:{port}": f"{name}:{port}" for name, port in local.ports().items()}
    hosts[f"{HOST}:{local.port('KAFKA')}"] = containers.BROKER
    moved = {}
    for key, value in env.items():
        for here, there in hosts.items():
            value = value.replace(here, there)  # noqa: PLW2901
        moved[key] = value
    return moved | {
        "API_HOST": "0.0.0.0",
        "BOARD_HOST": "0.0.0.0",
        "CONNECT_DB_HOST": "postgres",
        "PROBER_METRICS_HOST": "0.0.0.0",
        "PROBER_WORKER_TARGETS": str(containers.ETC / "targets" / "worker.json"),
    }


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_has_the_variables_it_has_locally(services, local, passwords, name):
    wanted = select(as_in_a_container(process_env(local, passwords), local), PROCESSES[name])
    if name == "worker":
        wanted |= {"CDC_METRICS_HOST": "0.0.0.0"}
        assert f'CDC_WORKER="{wanted.pop("CDC_WORKER").removesuffix("1")}$HOSTNAME"' in services[name]["command"][0]
    assert {key: str(value) for key, value in services[name]["environment"].items()} == wanted


def test_the_keeper_has_the_variables_it_has_locally(services, local, passwords):
    wanted = keeper_env(as_in_a_container(process_env(local, passwords), local)) | {"KEEPER_METRICS_HOST": "0.0.0.0"}
    assert {key: str(value) for key, value in services["keeper"]["environment"].items()} == wanted


def test_no_process_is_forgotten(local, passwords):
    assert {key.partition("_")[0] + "_" for key in process_env(local, passwords)} == {*PROCESSES.values(), *BY_ITSELF}


def test_the_connector_differs_by_the_name_of_a_host_alone(services, local, passwords, monkeypatch):
    configs = []
    for env in (services["register"]["environment"], select(process_env(local, passwords), "CONNECT_")):
        with monkeypatch.context() as patch:
            for key, value in env.items():
                patch.setenv(key, str(value))
            configs.append(connector_config(ConnectSettings(), epoch=1))
    assert dict(set(configs[0].items()) - set(configs[1].items())) == {"database.hostname": "postgres"}
    assert configs[0].keys() == configs[1].keys()


def test_every_template_is_filled_with_the_same_sizes_and_names(local, shared):
    there = containers.values(shared)
    here = render.values(local, layout(local.directory), Path("/plugins"))
    assert there.keys() == here.keys()
    assert {key: there[key] for key in shared} == {key: here[key] for key in shared} == dict(shared)


def test_configuration_files_are_complete(shared):
    files = containers.files(shared, "pg-mongo-cdc", 2)
    assert {path.name for path in render.TEMPLATES.iterdir()} - files.keys() == {"program.conf", "supervisord.conf"}
    assert not [name for name, text in files.items() if "${" in text]
    assert json.loads(files["targets/worker.json"]) == [{"targets": ["pg-mongo-cdc-worker-1:9101", "pg-mongo-cdc-worker-2:9101"]}]


def test_prometheus_scrapes_the_same_jobs(local, shared):
    assert containers.targets(shared, "x", 1).keys() == render.targets(local).keys()


def test_configure_writes_once(local, tmp_path):
    environment = {"COMPOSE_PROJECT_NAME": "x", "WORKERS": "1"}
    assert "kafka.properties" in containers.configure(local, environment, tmp_path)
    assert containers.configure(local, environment, tmp_path).endswith("nothing changed")
    assert (tmp_path / "targets" / "api.json").stat().st_mode & 0o777 == 0o644


def test_topics_are_made_by_the_same_code(monkeypatch, capsys):
    asked = []

    def create_topics(settings, broker):
        asked.append((kafka.topics(settings), broker))
        return []

    monkeypatch.setattr(kafka, "create_topics", create_topics)
    assert containers.main(["topics"]) == 0
    assert "cdc.public.items" in asked[0][0]
    assert asked[0][1] == "kafka:9092"
    assert "all were there" in capsys.readouterr().out


def test_programs_are_started_and_stopped_alike(services, local, passwords, tmp_path):
    nowhere = Components(**dict.fromkeys(Components.__dataclass_fields__, tmp_path))
    started = {program.name: program for program in programs(local, layout(tmp_path), nowhere, process_env(local, passwords))}
    for name in ("kafka", "connect"):
        environment = services[name]["environment"]
        flags = shlex.split(f"{environment['KAFKA_HEAP_OPTS']} {environment['KAFKA_OPTS']}")
        assert set(flags) <= set(started[name].command)
        (agent,) = [word for word in map(str, started[name].command) if word.startswith("-javaagent:")]
        port = local.port(f"{name.upper()}_METRICS")
        assert agent.endswith(f"={HOST}:{port}:{tmp_path}/etc/jmx-{name}.yml")
        there = f"-javaagent:/opt/jmx-exporter.jar=0.0.0.0:{port}:/etc/cdc/jmx-{name}.yml"
        assert (there in services[name]["command"][0]) if name == "kafka" else (environment["KAFKA_JMX_OPTS"] == there)
    storage = [flag for flag in started["prometheus"].command if flag.startswith(("--storage.tsdb.retention", "--rules.", "--log."))]
    assert storage
    assert set(storage) <= set(services["prometheus"]["command"])
    for name in ("postgres", "mongo"):  # a local JVM gets longer: its first stop also writes a class archive
        assert services[name]["stop_grace_period"] == f"{started[name].stop_seconds}s"


def test_the_cluster_is_made_with_the_same_options(services):
    source = Path(containers.__file__).with_name("postgres.py").read_text()
    options = services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].replace("-E UTF8 ", "").split()
    assert len(options) == 5
    assert all(f'"{option}"' in source for option in options)
